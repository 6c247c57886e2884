package nfiq2

import (
	_ "embed" // for the trained trees
	"encoding/binary"
	"math"
)

// EstimateID names the algorithm of [Estimate]. It is ours, is never called
// NFIQ 2, and shares with it the scale of 0 to 100.
const EstimateID = "optag-estimate-2"

// estimators holds two regressors that were fitted to the scores which NIST
// publishes with the measures of its conformance set (TestFitEstimate): one from
// all measures and one for prints whose minutiae are not known. Each is
//
//	69 × 2 float32  least and greatest value of each measure it was fitted to
//	int32           its mean, in 1/unit of a point
//	11 bytes        error per band of ten points, exceeded by one print in twenty
//	1 byte          mean absolute error, in tenths of a point
//	uint32          number of trees
//	trees           of treeSize bytes
//
// little endian. A tree is complete: treeInner nodes in the order of a heap, each
// a measure (1 byte) and a limit (float32), then treeLeaves int16 in 1/unit of a
// point. So a sum is exact, and the same on every machine.
//
//go:embed estimate.bin
var estimators string

const (
	unit       = 256
	treeDepth  = 3
	treeInner  = 1<<treeDepth - 1
	treeLeaves = 1 << treeDepth
	treeSize   = treeInner*5 + treeLeaves*2

	rangesSize = Count * 2 * 4
	bands      = 11
	headSize   = rangesSize + 4 + bands + 1 + 4
)

// A regressor is one of the estimators.
type regressor string

// regressorOf returns the regressor for prints with or without minutiae.
func regressorOf(minutiae bool) regressor {
	all := regressor(estimators)
	first := headSize + all.trees()*treeSize
	if minutiae {
		return all[:first]
	}
	return all[first:]
}

func (r regressor) u32(at int) uint32 {
	return uint32(r[at]) | uint32(r[at+1])<<8 | uint32(r[at+2])<<16 | uint32(r[at+3])<<24
}

func (r regressor) f32(at int) float32 { return math.Float32frombits(r.u32(at)) }
func (r regressor) mean() int          { return int(int32(r.u32(rangesSize))) }
func (r regressor) trees() int         { return int(r.u32(headSize - 4)) }

// within is the error of scores about this one.
func (r regressor) within(score int) int { return int(r[rangesSize+4+score*bands/101]) }

// Estimate says what NFIQ 2 would about score from the measures, 0 to 100, and
// within how many points of it NFIQ 2's score lies for nineteen prints of twenty
// like those of NIST's conformance set. A print whose measures lie outside of
// those known has a wider error. It needs no minutiae: where their measures are
// NaN it does without. Where another measure has no value, it is 0 ± 100.
func Estimate(measures Measures) (score, err int) {
	minutiae := true
	for i, v := range measures {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			continue
		}
		if minutiae = false; i < MinutiaeInRect || i > MinutiaeOCL {
			return 0, 100
		}
	}
	return regressorOf(minutiae).estimate(&measures, minutiae)
}

func (r regressor) estimate(measures *Measures, minutiae bool) (score, err int) {
	var x features
	x.of(measures, minutiae)
	sum := r.mean()
	for at := headSize; at < len(r); at += treeSize {
		sum += r[at : at+treeSize].leaf(&x)
	}
	score = min(100, max(0, (sum+unit/2)>>8))
	return score, min(100, r.within(score)+strange*r.outside(measures, minutiae))
}

// leaf is the value of one tree.
func (r regressor) leaf(x *features) int {
	n := 0
	for range treeDepth {
		if x[r[n*5]] <= r.f32(n*5+1) {
			n = 2*n + 1
		} else {
			n = 2*n + 2
		}
	}
	at := treeInner*5 + (n-treeInner)*2
	return int(int16(binary.LittleEndian.Uint16([]byte(r[at : at+2]))))
}

// strange is by how many points each measure outside of the known range widens
// the error.
const strange = 1

// outside counts the measures that lie outside of the range the regressor was
// fitted to.
func (r regressor) outside(measures *Measures, minutiae bool) (n int) {
	for i, v := range measures {
		if !minutiae && i >= MinutiaeInRect && i <= MinutiaeOCL {
			continue
		}
		if x := float32(v); x < r.f32(i*8) || x > r.f32(i*8+4) {
			n++
		}
	}
	return n
}

// features are what the trees ask for: the measures in single precision, with 0
// for those of minutiae that are not known.
type features [Count]float32

func (x *features) of(measures *Measures, minutiae bool) {
	for i, v := range measures {
		x[i] = float32(v)
	}
	if !minutiae {
		clear(x[MinutiaeInRect : MinutiaeOCL+1])
	}
}
