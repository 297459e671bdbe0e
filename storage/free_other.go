//go:build !linux && !darwin && !freebsd

package storage

// freeBytes is not known here.
func freeBytes(string) int64 { return -1 }
