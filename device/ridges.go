package device

import "image"

// Ridges are seen tile by tile: a tile shows them where the grey levels of its
// pixels spread by more than minSpread, standard deviation in levels.
const (
	tile      = 16
	minSpread = 16
)

// ShowsRidges reports whether an image may show a finger, for a scanner that does
// not say so itself: at least so many tiles of 16 by 16 pixels show ridges. It
// errs towards yes: a dirty glass may show some too.
func ShowsRidges(p *image.Gray, tiles int) bool {
	for y := 0; y+tile <= p.Rect.Dy(); y += tile {
		for x := 0; x+tile <= p.Rect.Dx(); x += tile {
			if spread(p, x, y) > minSpread*minSpread {
				if tiles--; tiles <= 0 {
					return true
				}
			}
		}
	}
	return false
}

// spread returns the variance of every second pixel, both ways, of the tile at x, y.
func spread(p *image.Gray, x, y int) int {
	const n = tile * tile / 4
	sum, squares := 0, 0
	for dy := 0; dy < tile; dy += 2 {
		line := p.Pix[(y+dy)*p.Stride+x:][:tile]
		for dx := 0; dx < tile; dx += 2 {
			v := int(line[dx])
			sum += v
			squares += v * v
		}
	}
	return squares/n - sum*sum/(n*n)
}
