//go:build linux || darwin || freebsd

package storage

import "syscall"

// freeBytes is how much of a folder's disk is left for those who are not root;
// -1 when the system does not say.
func freeBytes(folder string) int64 {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return -1
	}
	return int64(disk.Bavail) * int64(disk.Bsize)
}
