//go:build !race

package emrtdtest_test

const slow = 1
