package conversation

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"intakebot/incident"
)

// extension stands behind a number in one of the usual ways: «доб. 155»,
// «(доб. 155)», «вн. 7», «внутр. 12», «ext 5», «#5». The last form is the one
// that is stored.
var extension = regexp.MustCompile(`(?i)[\s,;(]*(?:добавочный|добав|доб|внутренний|внутр|вн|extension|ext|#|x)[\s.:№=]*(\d{1,6})[\s).]*$`)

const askOneNumber = "Напишите один российский номер с кодом, например 8 (3522) 42-80-01."

func checkPhone(typed string) (string, Complaint) {
	value := line(typed)
	number, ext := value, ""
	if m := extension.FindStringSubmatchIndex(value); m != nil {
		number, ext = value[:m[0]], value[m[2]:m[3]]
	}
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

// phoneDigits returns the ten digits behind +7 or 8.
func phoneDigits(number string) (string, Complaint) {
	var b strings.Builder
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsSpace(r), strings.ContainsRune("+-‐‑–—−().,/", r):
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
