package mailbox

import (
	"regexp"
	"strings"
)

// Trim leaves of an answer's text what is new in it: the quoted tail goes, and
// a quotation above an answer that stands at the end. An answer between the lines
// of a quotation stays with them, since nobody would understand it alone. What
// would leave nothing stays whole.
func Trim(text string) string {
	text = tidy(text)
	lines := strings.Split(text, "\n")
	lines = cutOriginal(lines)
	lines = cutQuotation(lines)
	if trimmed := tidy(strings.Join(lines, "\n")); trimmed != "" {
		return trimmed
	}
	return text
}

// separator is a line below which programs put the whole letter that they
// answer.
var separator = regexp.MustCompile(`(?i)^[\s>]*(-{2,}\s*(исходное сообщение|исходное письмо|original message|original appointment|` +
	`конец исходного сообщения|ответ на сообщение)\s*-{2,}|_{20,}|-{10,})\s*$`)

// plainRule is a separator that is one only above a header.
var plainRule = regexp.MustCompile(`^[\s>]*(_{20,}|-{10,})\s*$`)

// headerLine is a line of the header that Outlook and its like put above the
// letter that they answer. In Outlook's letters a label can be bold: *From:*.
var headerLine = regexp.MustCompile(`(?i)^[\s>*]*(от|from|отправитель|отправлено|дата|sent|date|кому|to|копия|cc|тема|subject|важность|importance)\s*:\*?(\s|$)`)

var firstHeaderLine = regexp.MustCompile(`(?i)^[\s>*]*(от|from|отправитель)\s*:\*?(\s|$)`)

// cutOriginal drops the letter that stands whole below the answer, with its
// header.
func cutOriginal(lines []string) []string {
	for k, line := range lines {
		next := nextLine(lines, k+1)
		switch {
		case separator.MatchString(line) && (!plainRule.MatchString(line) || headerLine.MatchString(next)),
			firstHeaderLine.MatchString(line) && headerLines(lines[k:]) >= 3:
			if k == 0 || strings.TrimSpace(strings.Join(lines[:k], "")) == "" {
				return lines // a forwarded letter: this is all there is
			}
			return lines[:k]
		}
	}
	return lines
}

func nextLine(lines []string, from int) string {
	for _, line := range lines[min(from, len(lines)):] {
		if strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}

// headerLines counts the lines of a header that follow one another; values may
// go on in the next line.
func headerLines(lines []string) (n int) {
	other := 0
	for _, line := range lines {
		switch {
		case headerLine.MatchString(line):
			n, other = n+1, 0
		case strings.TrimSpace(line) == "":
			if n >= 3 {
				return n
			}
		default:
			if other++; other > 2 {
				return n
			}
		}
	}
	return n
}

// attribution is the line that says who wrote what is quoted below it. Programs
// break it over up to three lines.
var attribution = regexp.MustCompile(`(?i)^[\s>]*(` +
	`.{0,200}(пишет|писал|писала|писал\(а\)|написал|написала|написал\(а\)|wrote|writes|schrieb)\s*:` + // Thunderbird, Apple, Gmail in English
	`|вы писали .{5,80}:` + // The Bat
	`|you wrote .{5,80}:` +
	`|(пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье),? .{5,200}(:|>)` + // Gmail, Mail.ru
	`|\d{1,2}[./]\d{1,2}[./]\d{2,4},? .{0,10}\d{1,2}:\d{2}.{0,200}(:|>)` + // Yandex
	`|\d{1,2} \p{L}{3,9}\.? \d{4}.{0,200}(:|>)` +
	`|\d{4}-\d{2}-\d{2} .{0,10}\d{1,2}:\d{2}.{0,200}(:|>)` +
	`)\s*$`)

// quoted is a line of a quotation: «> text», and «АИ> text» of The Bat.
var quoted = regexp.MustCompile(`^\s*(\p{Lu}{1,4})?(>\s?)+`)

// block is a quotation in a text, with the line above it that says whose it is:
// the lines from..to.
type block struct{ from, to int }

// cutQuotation drops the last quotation when nothing follows it, and the only
// one when all of the answer does.
func cutQuotation(lines []string) []string {
	if k := bareTail(lines); k > 0 {
		return lines[:k]
	}
	blocks := quotations(lines)
	if len(blocks) == 0 {
		return lines
	}
	last := blocks[len(blocks)-1]
	tail := isBlank(lines[last.to:]) || isSignature(lines[last.to:]) && !isBlank(lines[:blocks[0].from])
	switch {
	case tail:
		return append(lines[:last.from:last.from], lines[last.to:]...)
	case len(blocks) == 1 && isBlank(lines[:last.from]):
		return lines[last.to:]
	}
	return lines
}

// quotations finds the runs of quoted lines, empty ones between them included.
func quotations(lines []string) (blocks []block) {
	for k := 0; k < len(lines); k++ {
		if !quoted.MatchString(lines[k]) {
			continue
		}
		b := block{from: attributed(lines, k), to: k + 1}
		for j := k; j < len(lines); j++ {
			if quoted.MatchString(lines[j]) {
				b.to = j + 1
			} else if strings.TrimSpace(lines[j]) != "" {
				break
			}
		}
		blocks = append(blocks, b)
		k = b.to - 1
	}
	return blocks
}

// attributed is where the attribution of the quotation that begins at k begins;
// k itself when there is none.
func attributed(lines []string, k int) int {
	end := k
	for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	found := k
	for n := 1; n <= 3 && end-n >= 0 && strings.TrimSpace(lines[end-n]) != ""; n++ {
		begins := found == k || opening.MatchString(lines[end-n])
		if begins && attribution.MatchString(strings.Join(lines[end-n:end], " ")) {
			found = end - n
		}
	}
	if found == k {
		return k
	}
	return greeted(lines, found)
}

// opening is how an attribution begins that goes on in the next line.
var opening = regexp.MustCompile(`(?i)^[\s>]*(on |am |\d{1,2}[./ ]|\d{4}-\d{2}|(пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье),? )`)

// greeted is where «Здравствуйте, Имя.» stands that The Bat puts above its
// attribution by itself; k when the answer is above it or there is none.
func greeted(lines []string, k int) int {
	if !theBat.MatchString(lines[k]) {
		return k
	}
	for j := k - 1; j >= 0; j-- {
		switch line := strings.TrimSpace(lines[j]); {
		case line == "":
		case greeting.MatchString(line):
			return j
		default:
			return k
		}
	}
	return k
}

var (
	theBat   = regexp.MustCompile(`(?i)^\s*(вы писали|you wrote) `)
	greeting = regexp.MustCompile(`(?i)^(здравствуйте|добрый день|доброе утро|добрый вечер|hello|hi|dear)\P{L}.{0,60}$`)
)

// bareTail is where a quotation begins whose lines are not marked, as HTML
// leaves it: an attribution, text below it, and no mark anywhere. 0 when there is
// none, or nothing above it.
func bareTail(lines []string) int {
	for k := range lines {
		if quoted.MatchString(lines[k]) {
			return 0
		}
	}
	for k := 1; k < len(lines); k++ {
		for n := 1; n <= 3 && k+n <= len(lines); n++ {
			joined := strings.Join(lines[k:k+n], " ")
			if strings.TrimSpace(lines[k]) != "" && attribution.MatchString(joined) && named.MatchString(joined) &&
				!isBlank(lines[k+n:]) && !isBlank(lines[:k]) {
				return k
			}
		}
	}
	return 0
}

// named: without marks, only an attribution that holds an address or a verb of
// writing is one; a date alone may begin a line of the answer.
var named = regexp.MustCompile(`(?i)(@|пишет|писал|wrote|writes)`)

func isBlank(lines []string) bool { return strings.TrimSpace(strings.Join(lines, "")) == "" }

// isSignature says that nothing but a signature follows: «-- », or a few short
// lines that begin with a farewell.
func isSignature(lines []string) bool {
	for k, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		return (line == "--" || farewell.MatchString(line)) && len(lines)-k <= 10
	}
	return false
}

var farewell = regexp.MustCompile(`(?i)^(с уважением|с наилучшими пожеланиями|best regards|kind regards|regards|sincerely|отправлено (из|с) )`)
