package storage

// FreeBytes is what is left on the disk of a folder, -1 when the system does not say.
func FreeBytes(folder string) int64 { return freeBytes(existing(folder)) }
