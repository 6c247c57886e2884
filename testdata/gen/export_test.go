package gen

// ClassOf draws the class that a person's finger would have, without growing it.
func ClassOf(seed uint64, pos Position) Class { return drawClass(stream(seed, 1, uint64(pos)), pos) }
