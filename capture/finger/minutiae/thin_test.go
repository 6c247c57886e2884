package minutiae

import (
	"image"
	"strings"
	"testing"
)

// Ridges wear down to lines that keep their ends, forks and holes.
func TestThin(t *testing.T) {
	for _, c := range []struct{ name, ridges, want string }{
		{"a bar", `
			..........
			.########.
			.########.
			.########.
			..........`, `
			..........
			..........
			..######..
			..........
			..........`},
		{"a thin line stays", `
			.......
			.##....
			...##..
			.....#.
			.......`, `
			.......
			.##....
			...##..
			.....#.
			.......`},
		{"a ring stays open", `
			.......
			.#####.
			.#####.
			.##.##.
			.#####.
			.#####.
			.......`, `
			.......
			.......
			...#...
			..#.#..
			...#...
			.......
			.......`},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The picture lies across the border of two words.
			for _, shift := range []int{0, 60} {
				if got, want := thinned(c.ridges, shift), strings.Join(strings.Fields(c.want), "\n"); got != want {
					t.Errorf("shifted by %d:\n%s\nwant\n%s", shift, got, want)
				}
			}
		})
	}
}

func thinned(picture string, shift int) string {
	rows := strings.Fields(picture)
	var b bitmap
	b.resize(image.Pt(len(rows[0])+shift, len(rows)))
	at := func(x, y int) (*uint64, uint64) {
		x += shift
		return &b.words[(y+1)*b.row+1+x/64], 1 << (x % 64)
	}
	for y, row := range rows {
		for x, c := range row {
			if word, bit := at(x, y); c == '#' {
				*word |= bit
			}
		}
	}
	b.thin()
	for y, row := range rows {
		line := []byte(row)
		for x := range line {
			line[x] = '.'
			if word, bit := at(x, y); *word&bit != 0 {
				line[x] = '#'
			}
		}
		rows[y] = string(line)
	}
	return strings.Join(rows, "\n")
}
