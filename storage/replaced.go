package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// replacedMark stands in the name of a database that a restoration set aside,
// before the time of it.
const (
	replacedMark = ".replaced-"
	replacedTime = "20060102T150405Z"
)

// Replaced is a database that a restoration set aside. It holds personal data of
// people who may ask to be forgotten, and nobody erases them there.
type Replaced struct {
	File string
	At   time.Time
}

// ReplacedBeside returns the databases that restorations set aside beside the
// register at path, the oldest first.
func ReplacedBeside(path string) (all []Replaced, err error) {
	if path, err = canonical(path); err != nil {
		return nil, failed(err, "look for replaced databases")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, failed(err, "look for replaced databases")
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+replacedMark)
		if !ok || !e.Type().IsRegular() || slices.ContainsFunc(beside[1:], func(ending string) bool { return strings.HasSuffix(rest, ending) }) {
			continue
		}
		at, bad := time.Parse(replacedTime, strings.ReplaceAll(rest, "-again", ""))
		if bad == nil {
			all = append(all, Replaced{File: filepath.Join(filepath.Dir(path), e.Name()), At: at})
		}
	}
	slices.SortFunc(all, func(a, b Replaced) int { return a.At.Compare(b.At) })
	return all, nil
}

// RemoveReplaced deletes those that were set aside before the given time, with the
// files beside them, and returns their names.
func RemoveReplaced(path string, before time.Time) (removed []string, err error) {
	all, err := ReplacedBeside(path)
	for _, one := range all {
		if !one.At.Before(before) {
			continue
		}
		for _, ending := range beside {
			if bad := os.Remove(one.File + ending); bad != nil && !errors.Is(bad, fs.ErrNotExist) {
				err = errors.Join(err, failed(bad, "remove a replaced database"))
			}
		}
		removed = append(removed, one.File)
	}
	return removed, err
}
