package conversation

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"intakebot/incident"
)

// extension stands behind a number in one of the usual ways: «доб. 155»,
// «(добавочный номер 155)», «вн.тел. 7», «ext 5», «#5», «*5». The form «;ext=5»
// is the one that is stored.
var extension = regexp.MustCompile(`(?i)[\s,;(]*(?:добавочный|добав|доб|доп|д\.|внутренний|внутр|вн|extension|ext|#|\*|x|х)` +
	`[\s.:№=]*(?:номер|тел|телефон)?[\s.:№=]*(\d{1,6})[\s).]*$`)

// bare is an extension without a word, behind a whole number: «(155)», «, 155».
var bare = regexp.MustCompile(`^(.*\d.*?)\s*(?:\((\d{1,5})\)|[,;]\s*(\d{1,5}))\s*$`)

// called is what may stand before a number.
var called = regexp.MustCompile(`(?i)^(?:т|тел|телефон|моб|сот)[.:\s]+`)

// phoneMost is the length of a stored number with its extension.
const phoneMost = 24

const askOneNumber = "Напишите один российский номер с кодом, например 8 (3522) 42-80-01."

func acceptPhone(typed string) (string, Complaint) {
	value := line(typed)
	number, ext := splitPhone(value)
	digits, complaint := phoneDigits(number)
	if complaint != "" {
		return "", complaint
	}
	parsed, err := phonenumbers.Parse("+7"+digits, "RU")
	if err != nil || !phonenumbers.IsValidNumberForRegion(parsed, "RU") {
		return "", "Такого номера в России нет: проверьте код и цифры."
	}
	return incident.Phone{E164: "+7" + digits, Extension: ext}.Stored(), ""
}

// splitPhone parts a number from its extension.
func splitPhone(value string) (number, ext string) {
	value = called.ReplaceAllString(value, "")
	if m := extension.FindStringSubmatchIndex(value); m != nil {
		return value[:m[0]], value[m[2]:m[3]]
	}
	if m := bare.FindStringSubmatch(value); m != nil {
		if _, complaint := phoneDigits(m[1]); complaint == "" {
			return m[1], m[2] + m[3]
		}
	}
	return value, ""
}

// phoneDigits returns the ten digits behind +7 or 8.
func phoneDigits(number string) (string, Complaint) {
	var b strings.Builder
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsSpace(r), strings.ContainsRune("+-‐‑‒–—―−().,/", r):
		default:
			return "", askOneNumber
		}
	}
	digits := b.String()
	foreign := strings.HasPrefix(strings.TrimSpace(number), "+") && !strings.HasPrefix(digits, "7")
	switch n := len(digits); {
	case foreign:
		return "", "Нужен российский номер, он начинается с +7 или 8."
	case n == 0:
		return "", askOneNumber
	case n >= 5 && n <= 7:
		return "", "Добавьте код города, например 8 (3522) 42-80-01."
	case n < 10:
		return "", "Не хватает цифр: напишите номер с кодом, например 8 (3522) 42-80-01."
	case n == 10:
		return digits, ""
	case n == 11 && (digits[0] == '7' || digits[0] == '8'):
		return digits[1:], ""
	case n == 11:
		return "", "Нужен российский номер, он начинается с +7 или 8."
	}
	return "", "Слишком много цифр: напишите один номер, а добавочный — после слова «доб.»."
}

func showPhone(value string) string { return incident.ParsePhone(value).String() }
