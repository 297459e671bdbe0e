//go:build !unix

package selfcheck

// sameDisk cannot be known here.
func sameDisk(string, string) bool { return false }
