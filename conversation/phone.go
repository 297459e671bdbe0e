package conversation

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"intakebot/incident"
)

// phoneMost is the length of a stored number with its extension.
const phoneMost = 24

const extensionMost = 6 // digits

const (
	askOneNumber  Complaint = "Напишите один российский номер с кодом, например 8\u00a0(3522)\u00a042-80-01."
	severalPhones Complaint = "Здесь больше одного номера: напишите один, а добавочный — после слова «доб.»."
	foreignPhone  Complaint = "Это номер другой страны. Нужен российский: он начинается с +7 или 8."
	kazakhPhone   Complaint = "Это номер Казахстана. Нужен российский."
	noAreaCode    Complaint = "Добавьте код города, например 8\u00a0(3522)\u00a042-80-01."
	tooFewDigits  Complaint = "Не хватает цифр: напишите номер с кодом, например 8\u00a0(3522)\u00a042-80-01."
	tooManyDigits Complaint = "Слишком много цифр: напишите один номер, а добавочный — после слова «доб.»."
	noSuchPhone   Complaint = "Такого номера в России нет: проверьте код и цифры."
)

var (
	// digitRun is what may be a number: digits with what stands between them.
	digitRun = regexp.MustCompile(`\+?\d(?:[\s\x{00a0}()+\-‐‑‒–—―−./]*\d)*`)
	// extension stands behind a number in one of the usual ways: «доб. 155»,
	// «(добавочный номер 155)», «вн.тел. 7», «ext 5», «#5», «*5», or after a
	// comma or in brackets alone. The form «;ext=5» is the one that is stored.
	extension = regexp.MustCompile(`(?i)^[\s\x{00a0},;(]*(?:(?:добавочный|добав|доб|доп|д\.|внутренний|внутр|вн|extension|ext|#|\*|x|х)` +
		`[\s\x{00a0}.:№=]*(?:номер|тел|телефон)?[\s\x{00a0}.:№=]*(\d+)|[,(;]\s*(\d{1,5})\s*\)?\s*$)(?:\D|$)`)
)

// acceptPhone takes a number when exactly one stands in the text: «моб. тел.
// 8 912 …», «☎ 8 (3522) 42-80-01 (приёмная)», «tel:+7…».
func acceptPhone(typed string) (string, Complaint) {
	// Digits of two lines are two numbers.
	found, complaint := findPhone(line(strings.ReplaceAll(typed, "\n", ";")))
	if complaint != "" {
		return "", complaint
	}
	return found.Stored(), ""
}

// findPhone is the one Russian number in a text, or why there is none.
func findPhone(value string) (incident.Phone, Complaint) {
	var numbers []incident.Phone
	complaint := askOneNumber
	for rest := value; ; {
		at := digitRun.FindStringIndex(rest)
		if at == nil {
			break
		}
		p, after, c := readPhone(rest[at[0]:at[1]], rest[at[1]:])
		rest = after
		switch {
		case c == "":
			if len(numbers) == 0 || numbers[0] != p {
				numbers = append(numbers, p)
			}
		case complaint == askOneNumber:
			complaint = c
		}
	}
	switch len(numbers) {
	case 0:
		return incident.Phone{}, complaint
	case 1:
		return numbers[0], ""
	}
	return incident.Phone{}, severalPhones
}

// readPhone reads a run of digits as a number and what follows it as its
// extension; after is what stands behind both.
func readPhone(run, rest string) (p incident.Phone, after string, c Complaint) {
	number, behind := parted(run)
	digits, c := nationalDigits(number)
	if c != "" {
		return p, rest, c
	}
	if c := validPhone(digits); c != "" {
		return p, rest, c
	}
	p.E164 = "+7" + digits
	tail := behind + rest
	if m := extension.FindStringSubmatchIndex(tail); m != nil {
		group := m[2:4]
		if group[0] < 0 {
			group = m[4:6]
		}
		if p.Extension = tail[group[0]:group[1]]; len(p.Extension) > extensionMost {
			return p, rest, tooManyDigits
		}
		return p, tail[group[1]:], ""
	}
	if strings.ContainsAny(behind, "0123456789") {
		if _, other := nationalDigits(strings.TrimLeft(behind, " \u00a0,;(/")); other != "" {
			return p, rest, tooManyDigits
		}
	}
	return p, tail, ""
}

// parted cuts a run of digits behind its first whole number, where more follow
// in groups of their own: «8 3522 428001 (155)», «8 912 … 8 912 …».
func parted(run string) (number, behind string) {
	digits, want := 0, 10
	for i := 0; i < len(run); i++ {
		if run[i] < '0' || run[i] > '9' {
			continue
		}
		if digits == 0 && (run[i] == '8' || run[i] == '7') {
			want = 11
		}
		if digits++; digits == want && i+1 < len(run) && (run[i+1] < '0' || run[i+1] > '9') {
			return run[:i+1], run[i+1:]
		}
	}
	return run, ""
}

// nationalDigits returns the ten digits behind +7 or 8.
func nationalDigits(number string) (string, Complaint) {
	digits := onlyDigits(number)
	foreign := strings.HasPrefix(strings.TrimSpace(number), "+") && !strings.HasPrefix(digits, "7")
	switch n := len(digits); {
	case foreign && n >= 7:
		return "", foreignPhone
	case n < 5:
		return "", askOneNumber
	case n <= 7:
		return "", noAreaCode
	case n < 10:
		return "", tooFewDigits
	case n == 10:
		return digits, ""
	case n == 11 && (digits[0] == '7' || digits[0] == '8'):
		return digits[1:], ""
	case n == 11:
		return "", foreignPhone
	}
	return "", tooManyDigits
}

// validPhone says why ten digits are no number of Russia.
func validPhone(digits string) Complaint {
	parsed, err := phonenumbers.Parse("+7"+digits, "RU")
	switch {
	case err != nil:
		return noSuchPhone
	case phonenumbers.IsValidNumberForRegion(parsed, "RU"):
		return ""
	case phonenumbers.IsValidNumberForRegion(parsed, "KZ"):
		return kazakhPhone
	}
	return noSuchPhone
}

// mendPhone gives a city number the area code of the line: six digits of Kurgan
// are 3522 and they. It returns "" when that is no number, or not the only one.
func mendPhone(d *Dialogue, typed string) string {
	value, code, mended := line(typed), d.Line.AreaCode, ""
	if _, c := findPhone(value); c != noAreaCode || code == "" {
		return ""
	}
	for _, at := range digitRun.FindAllStringIndex(value, -1) {
		digits := onlyDigits(value[at[0]:at[1]])
		if len(digits) != 10-len(code) || strings.HasPrefix(digits, code) {
			continue
		}
		p, _, c := readPhone("8"+code+digits, value[at[1]:])
		if c != "" || mended != "" {
			return ""
		}
		mended = p.Stored()
	}
	return mended
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func showPhone(value string) string { return incident.ParsePhone(value).String() }
