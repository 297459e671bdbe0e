package storage

import (
	"encoding/binary"
	"errors"
)

// A page of the database is cleaned by overwriting what is in none of its rows:
// the gap between its table of cells and the cells, freed blocks, and what is
// left at the end of a chain of overflow pages. Nothing that SQLite reads is
// changed. See https://www.sqlite.org/fileformat2.html, «B-tree Pages».

// The kinds of B-tree pages. A page of another kind begins with a page number,
// whose first byte is none of these in a file of less than 137 GB.
const (
	indexInterior = 2
	tableInterior = 5
	indexLeaf     = 10
	tableLeaf     = 13
)

// errPage: a page is not as its kind should be. It is left alone.
var errPage = errors.New("a page is not as it should be")

// chain is a row's rest on overflow pages.
type chain struct {
	first uint32
	bytes int
}

// wipeTree overwrites what is in no cell of a B-tree page. It says whether that
// changed the page and which chains its cells have. header is where the page's
// header begins, usable how many bytes of a page SQLite uses.
func wipeTree(page []byte, header, usable int) (changed bool, chains []chain, err error) {
	kind := page[header]
	table := header + 8
	if kind == indexInterior || kind == tableInterior {
		table += 4
	}
	cells := int(binary.BigEndian.Uint16(page[header+3:]))
	if table+2*cells > usable {
		return false, nil, errPage
	}
	used := make([]bool, usable)
	take := func(from, to int) bool {
		if from < 0 || to > usable || from > to {
			return false
		}
		for k := from; k < to; k++ {
			used[k] = true
		}
		return true
	}
	take(0, table+2*cells)
	for k := range cells {
		at := int(binary.BigEndian.Uint16(page[table+2*k:]))
		size, over, ok := cellAt(page[:usable], at, kind, usable)
		if !ok || at < table+2*cells || !take(at, at+size) {
			return false, nil, errPage
		}
		if over.bytes > 0 {
			chains = append(chains, over)
		}
	}
	// Of a freed block its first four bytes are read: the next one and its size.
	for at := int(binary.BigEndian.Uint16(page[header+1:])); at != 0; {
		if at < table || at+4 > usable {
			return false, nil, errPage
		}
		take(at, at+4)
		next := int(binary.BigEndian.Uint16(page[at:]))
		if next != 0 && next <= at {
			return false, nil, errPage
		}
		at = next
	}
	for k, inUse := range used {
		if !inUse && page[k] != 0 {
			page[k], changed = 0, true
		}
	}
	return changed, chains, nil
}

// cellAt measures the cell at an offset.
func cellAt(page []byte, at int, kind byte, usable int) (size int, over chain, ok bool) {
	if at+4 > len(page) {
		return 0, over, false
	}
	rest := page[at:]
	head := 0
	if kind == indexInterior || kind == tableInterior {
		head = 4 // the child
	}
	if kind == tableInterior {
		_, n := varint(rest[head:])
		return head + n, over, n > 0
	}
	payload, n := varint(rest[head:])
	head += n
	if n == 0 || payload > 1<<31 {
		return 0, over, false
	}
	most := (usable-12)*64/255 - 23
	if kind == tableLeaf {
		_, m := varint(rest[head:])
		if m == 0 {
			return 0, over, false
		}
		head += m
		most = usable - 35
	}
	local := int(payload)
	if local <= most {
		return max(head+local, 4), over, true
	}
	least := (usable-12)*32/255 - 23
	if local = least + (int(payload)-least)%(usable-4); local > most {
		local = least
	}
	if head+local+4 > len(rest) {
		return 0, over, false
	}
	over = chain{binary.BigEndian.Uint32(rest[head+local:]), int(payload) - local}
	return head + local + 4, over, true
}

// varint reads SQLite's integer of one to nine bytes; n is 0 when it does not end.
func varint(b []byte) (v uint64, n int) {
	for n < 8 {
		if n >= len(b) {
			return 0, 0
		}
		v = v<<7 | uint64(b[n]&0x7f)
		n++
		if b[n-1]&0x80 == 0 {
			return v, n
		}
	}
	if n >= len(b) {
		return 0, 0
	}
	return v<<8 | uint64(b[n]), n + 1
}

// wipeFrom overwrites the end of a page and says whether that changed it.
func wipeFrom(page []byte, at int) (changed bool) {
	for k := at; k < len(page); k++ {
		if page[k] != 0 {
			page[k], changed = 0, true
		}
	}
	return changed
}
