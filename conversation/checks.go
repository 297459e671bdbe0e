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
	descriptionLeast    = 5 // letters
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
	switch {
	case courtesy(value):
		return "", "Здравствуйте! Напишите, пожалуйста, как называется ваша организация."
	case strings.Contains(value, "@") && sureEmail(value) && letters(aroundAt.ReplaceAllString(value, "")) < 2*organisationLetters:
		return "", "Похоже, это адрес почты, о нём спросим дальше. Как называется ваша организация?"
	case surePhone(value) && letters(value) < 2*organisationLetters:
		return "", "Похоже, это номер, о нём спросим дальше. Как называется ваша организация?"
	case letters(value) < organisationLetters:
		return "", "Напишите название словами, не короче трёх букв."
	}
	return value, ""
}

func acceptFullName(typed string) (string, Complaint) {
	value := line(typed)
	if courtesy(value) {
		return "", "Здравствуйте! Напишите, пожалуйста, ваши фамилию, имя и отчество."
	}
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

// beginsName says that a text may be the first part of a name.
func beginsName(typed string) bool {
	words := strings.Fields(line(typed))
	return len(words) == 1 && letters(words[0]) > 1 && !courtesy(typed) && !strings.ContainsFunc(words[0], unicode.IsDigit)
}

// beginsPhone says that a text may be the first digits of a number.
func beginsPhone(typed string) bool {
	digits := onlyDigits(typed)
	return digits != "" && len(digits) < 10 && letters(typed) == 0
}

func acceptDescription(typed string) (string, Complaint) {
	value := text(typed)
	words := plainWords(value)
	switch {
	case words != "" && withoutCourtesy(words) == "":
		return "", "Здравствуйте! Напишите, пожалуйста, что случилось."
	case letters(withoutCourtesy(words)) < descriptionLeast:
		return "", "Напишите хотя бы несколько слов: что случилось?"
	}
	return value, ""
}

func checkState(typed string) (string, Complaint) {
	value := text(typed)
	switch n := utf8.RuneCountInString(value); {
	case letters(value) < stateLeast, courtesy(value):
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
