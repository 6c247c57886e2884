package record

func cardFields() []Field { return nil }
