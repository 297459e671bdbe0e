package conversation

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of answers, in characters. The most of a step stands in its row.
const (
	answerMost          = 300
	organisationLetters = 3
	descriptionLeast    = 10
	descriptionMost     = 20000
	stateLeast          = 3
	stateMost           = 1500
)

// acceptLine takes any line in which something can be read.
func acceptLine(typed string) (string, Complaint) {
	value := line(typed)
	if letters(value) == 0 && !strings.ContainsFunc(value, unicode.IsDigit) {
		return "", "Напишите ответ словами или цифрами."
	}
	return value, ""
}

func acceptOrganisation(typed string) (string, Complaint) {
	value := line(typed)
	if letters(value) < organisationLetters {
		return "", "Напишите наименование словами, не короче трёх букв."
	}
	return value, ""
}

func acceptFullName(typed string) (string, Complaint) {
	value := line(typed)
	for _, r := range value {
		if !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && !strings.ContainsRune(" -‐‑–'’ʼ`.", r) {
			return "", "Оставьте, пожалуйста, только фамилию, имя и отчество: буквы, дефис, апостроф и точки."
		}
	}
	words := 0
	for word := range strings.FieldsSeq(value) {
		if letters(word) > 0 {
			words++
		}
	}
	switch {
	case words < 2:
		return "", "Нужны хотя бы фамилия и имя, через пробел."
	case letters(value) < 3:
		return "", "Напишите фамилию и имя полностью."
	}
	return value, ""
}

func acceptDescription(typed string) (string, Complaint) {
	value := text(typed)
	if utf8.RuneCountInString(value) < descriptionLeast {
		return "", Complaint(fmt.Sprintf("Опишите чуть подробнее, не короче %d знаков: так вам помогут быстрее.", descriptionLeast))
	}
	return value, ""
}

func checkState(typed string) (string, Complaint) {
	value := text(typed)
	switch n := utf8.RuneCountInString(value); {
	case letters(value) < stateLeast:
		return "", "Напишите хотя бы несколько слов: что уже сделано и что не работает сейчас."
	case n > stateMost:
		return "", Complaint(fmt.Sprintf("Получилось %s — сократите, пожалуйста, до %s.",
			count(n, "знак", "знака", "знаков"), thousands(stateMost)))
	}
	return value, ""
}

// keyContainers are the endings of files that hold ViPNet keys and other
// private keys: they must not travel through a messenger.
var keyContainers = []string{".dst", ".sok", ".key", ".pfx", ".p12", ".itk"}

// keyContainer says that a file of that name probably holds private keys.
func keyContainer(name string) bool {
	return slices.Contains(keyContainers, strings.ToLower(path.Ext(name)))
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// unseen says of characters that nobody typed on purpose: controls, soft hyphen,
// zero-width space and word joiner, the byte order mark and direction marks. Joiners and
// variation selectors stay: emoji need them.
func unseen(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r), r == utf8.RuneError:
		return true
	case r == '\u00ad', r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u061c':
		return true
	case r >= '\u200e' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// text cleans an answer of several lines.
func text(typed string) string {
	typed = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ").Replace(typed)
	typed = strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, typed)
	return strings.TrimSpace(typed)
}

// line cleans an answer of one line: any run of white space is one space.
func line(typed string) string {
	return strings.Join(strings.Fields(text(typed)), " ")
}
