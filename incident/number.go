package incident

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Number is a registration number, YY-NNNNN-C: two digits of the year, a
// sequence within that year of at least five digits, and a Damm check digit
// over all the digits before it. It is read out over the phone (point 5 of the
// regulation), so it holds digits and hyphens only. The zero Number is "".
type Number string

// Errors of ParseNumber; a caller branches on them with errors.Is.
var (
	// ErrNotNumber: the text does not have the form of a number.
	ErrNotNumber = errors.New("not a registration number")
	// ErrMistyped: the form is right and the check digit is not; one digit
	// is wrong or two neighbours changed places.
	ErrMistyped = errors.New("the check digit does not match")
)

// NewNumber makes the number of the seq-th incident (from 1) of a year
// (four digits or two).
func NewNumber(year, seq int) Number {
	digits := fmt.Sprintf("%02d%05d", year%100, seq)
	return Number(fmt.Sprintf("%s-%s-%d", digits[:2], digits[2:], damm(digits)))
}

var (
	// No year has more incidents than twelve digits can count; what is longer
	// would only fill the answers in which it is repeated.
	exact  = regexp.MustCompile(`^(\d{2})-?(\d{5,12})-?(\d)$`)
	within = regexp.MustCompile(`\b\d{2}-\d{5,}-\d\b`)
	spoken = strings.NewReplacer("№", "", " ", "", "\u00a0", "", "\u202f", "",
		"–", "-", "—", "-", "−", "-", "‑", "-", "\u00ad", "", "N", "", "n", "", "#", "")
)

// Parts are the year (four digits, of this century) and the sequence within it
// of a number that ParseNumber or NewNumber returned.
func (n Number) Parts() (year, seq int) {
	m := exact.FindStringSubmatch(string(n))
	if m == nil {
		return 0, 0
	}
	year, _ = strconv.Atoi(m[1])
	seq, _ = strconv.Atoi(m[2])
	return 2000 + year, seq
}

// ParseNumber reads a number as people write it: with «№», other dashes,
// spaces instead of hyphens or nothing between its parts. It returns
// ErrNotNumber or ErrMistyped.
func ParseNumber(text string) (Number, error) {
	m := exact.FindStringSubmatch(spoken.Replace(strings.TrimSpace(text)))
	if m == nil {
		return "", ErrNotNumber
	}
	if damm(m[1]+m[2]) != int(m[3][0]-'0') {
		return "", ErrMistyped
	}
	return Number(m[1] + "-" + m[2] + "-" + m[3]), nil
}

// leading is a number at the beginning of a text, as people write it.
var leading = regexp.MustCompile(`^\s*(?:№|N|n|#)?[\s\x{00a0}\x{202f}]*\d{2}[\s\x{00a0}\x{202f}]?[-–—−‑\x{00ad}]*[\s\x{00a0}\x{202f}]?\d{5,12}[\s\x{00a0}\x{202f}]?[-–—−‑\x{00ad}]*[\s\x{00a0}\x{202f}]?\d\b`)

// SplitNumber parts a text from the number that it begins with: «26-00001-0.
// Приехал мастер». Where it begins with none, the one number that stands in it
// is meant, and rest is the whole text. It returns ErrNotNumber or ErrMistyped
// like ParseNumber; rest is then the text.
func SplitNumber(text string) (n Number, rest string, err error) {
	text = strings.TrimSpace(text)
	head := leading.FindString(text)
	if bare := spoken.Replace(head); !strings.Contains(bare, "-") && len(bare) > 8 {
		head = "" // so many digits in a row are a telephone number
	}
	if head != "" {
		if n, err = ParseNumber(head); err == nil {
			return n, strings.TrimSpace(strings.TrimLeft(text[len(head):], ".,;:!?) \u00a0—–-")), nil
		}
	}
	if found := FindNumbers(text); len(found) == 1 {
		return found[0], text, nil
	}
	if err == nil {
		err = ErrNotNumber
	}
	return "", text, err
}

// FindNumbers returns the well-formed numbers that stand in text, in order,
// each once.
func FindNumbers(text string) []Number {
	var found []Number
	seen := map[Number]bool{}
	for _, s := range within.FindAllString(text, -1) {
		n, err := ParseNumber(s)
		if err == nil && !seen[n] {
			seen[n] = true
			found = append(found, n)
		}
	}
	return found
}

// String returns the number as it is shown.
func (n Number) String() string { return string(n) }

// dammTable is the totally anti-symmetric quasigroup of H. M. Damm, «Total
// anti-symmetrische Quasigruppen» (2004): it finds every single wrong digit
// and every swap of two neighbours.
var dammTable = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// damm returns the check digit of a string of ASCII digits.
func damm(digits string) int {
	var interim byte
	for i := range len(digits) {
		interim = dammTable[interim][digits[i]-'0']
	}
	return int(interim)
}
