//go:build race

package emrtdtest_test

// slow is how much slower everything is with the race detector.
const slow = 20
