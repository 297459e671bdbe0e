package conversation

import (
	"regexp"
	"strings"
	"testing"

	"intakebot/incident"
)

// TestPhoneInAnyText: a number is taken when it is the only one in the text.
func TestPhoneInAnyText(t *testing.T) {
	const kurgan, kurgan155, mobile = "+73522428001", "+73522428001;ext=155", "+79125551234"
	for typed, want := range map[string]string{
		"моб. тел. +7 912 555-12-34": mobile, "тел./факс 8 (3522) 42-80-01": kurgan, "☎ 8 (3522) 42-80-01": kurgan, "☎️8(3522)42-80-01": kurgan,
		"8 (3522) 42-80-01 (приёмная)": kurgan, "приёмная: 8 (3522) 42-80-01, спросить Анну": kurgan, "tel:+73522428001": kurgan,
		"8 3522 428001, доб. 155, Анна": kurgan155, "(3522) 42-80-01 доб 155": kurgan155, "+7(3522)42-80-01 (доб. 155)": kurgan155,
		"8 912 555-12-34 (звонить с 9 до 18)": mobile, "мой 8-912-555-12-34!": mobile, "8.912.555.12.34": mobile, "8 912 555 12 34,": mobile,
		"+7\u00a0912\u00a0555\u201112\u201134": mobile, "8 912 555-12-34 / 8 (912) 555 12 34": mobile, "Телефон\n8 912 555 12 34": mobile,
		"8 912 555 12 34 или внутренний 42-80": mobile, "+7-3522-42-80-01#155": kurgan155,
	} {
		if got, complaint := acceptPhone(typed); got != want {
			t.Errorf("%q: %q, %q; want %q", typed, got, complaint, want)
		}
	}
	for typed, want := range map[string]Complaint{
		"42-80-01\n89125551234, 89125551235": severalPhones, "8 912 555 12 34 и 8 912 555 12 35": severalPhones, "8 912 555 12 34/8 912 555 12 35": severalPhones, "+79125551234+79125551235": severalPhones,
		"+7 701 123 45 67": kazakhPhone, "77011234567": kazakhPhone, "+1 (202) 555-0123": foreignPhone, "+375291234567": foreignPhone,
		"42-80-01": noAreaCode, "тел. 428001 (приёмная)": noAreaCode, "891255512341234": tooManyDigits, "в кабинете 214": askOneNumber, "": askOneNumber,
		"8 3522 428001 доб. 1234567": tooManyDigits, "8 912 555 1": tooFewDigits,
	} {
		if got, complaint := acceptPhone(typed); complaint != want {
			t.Errorf("%q: %q, %q; want %q", typed, got, complaint, want)
		}
	}
}

// TestMendedPhone: six digits get the area code of the line.
func TestMendedPhone(t *testing.T) {
	d := testDialogue()
	for typed, want := range map[string]string{
		"42-80-01": "+73522428001", "тел. 428001": "+73522428001", "42-80-01 доб. 155": "+73522428001;ext=155", "42-80-01, 42-80-02": "",
		"8 912 555 12 34": "", "352242": "", "нет": "",
	} {
		if got := mendPhone(d, typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	d.Line.AreaCode = ""
	if got := mendPhone(d, "42-80-01"); got != "" {
		t.Errorf("a line without a code offers %q", got)
	}
}

// TestEmailInAnyText: so is an address, in Russian letters too.
func TestEmailInAnyText(t *testing.T) {
	const anna = "ivanova@example.ru"
	for typed, want := range map[string]string{
		"Иванова Анна <ivanova@example.ru>;": anna, "mailto:ivanova@example.ru": anna, "ivanova@example.ru,": anna, "(ivanova@example.ru)": anna,
		"почта: ivanova@example.ru.": anna, "«ivanova@example.ru»": anna, "пишите на ivanova@example.ru, отвечу": anna, "ivanova@example.ru ivanova@EXAMPLE.ru": anna,
		"E-mail:ivanova@example.ru!": anna, "\u200bivanova\u00ad@example.ru": anna,
		"info@курган.рф": "info@xn--80afuomr.xn--p1ai", "info@КУРГАН.РФ": "info@xn--80afuomr.xn--p1ai", "a@пример.ru": "a@xn--e1afmkfd.ru",
	} {
		if got, complaint := acceptEmail(typed); got != want {
			t.Errorf("%q: %q, %q; want %q", typed, got, complaint, want)
		}
	}
	if got := showEmail("info@xn--80afuomr.xn--p1ai"); got != "info@курган.рф" {
		t.Errorf("shown as %q", got)
	}
	for typed, part := range map[string]string{
		"a@b.ru, c@d.ru": "больше одного", "info@kurgan.rf": ".рф", "почта@пример.рф": "латинские", "ivаnova@example.ru": "вперемешку", "a@exаmple.ru": "вперемешку",
		"a@b@c.ru": "один знак", "a@": "имя, знак", "собака": "имя, знак", "anna ivanova@example.ru": "пробелов",
	} {
		if got, complaint := acceptEmail(typed); !strings.Contains(string(complaint), part) {
			t.Errorf("%q: %q, %q; want %q", typed, got, complaint, part)
		}
	}
	for typed, want := range map[string]string{
		"ivanova@example,ru": anna, "ivanova@example, ru": anna, "ivanova @ example.ru": anna, "ivanova (собака) example.ru": anna, "ivanova@@example.ru": anna,
		"ivanova": "", "a@b.ru, c@d.ru": "", "нет почты": "",
	} {
		if got := mendEmail(nil, typed); got != want {
			t.Errorf("%q: offered %q, want %q", typed, got, want)
		}
	}
}

// FuzzFound: one number or address is found whatever stands around it, as long
// as that holds no figure and no sign of an address.
func FuzzFound(f *testing.F) {
	f.Add("моб. тел. ", " (приёмная)")
	f.Add("☎️\u00a0", ", спросить Анну;")
	f.Add("«", "»\n\n")
	f.Add("\u202eтел", "\u2060!")
	f.Add("Иванова Анна <", ">;")
	noise := regexp.MustCompile(`[^\p{Cyrillic}\s.,;:!?()<>«»"–—\x{2060}\x{202e}\x{fe0f}☎№-]`)
	f.Fuzz(func(t *testing.T, before, after string) {
		before, after = noise.ReplaceAllString(before, ""), noise.ReplaceAllString(after, "")
		typed := before + " 8 (3522) 42-80-01 " + after
		got, complaint := acceptPhone(typed)
		if complaint != "" || incident.ParsePhone(got).E164 != "+73522428001" {
			t.Fatalf("%q: %q, %q", typed, got, complaint)
		}
		typed = before + " ivanova@example.ru " + after
		if got, complaint := acceptEmail(typed); got != "ivanova@example.ru" {
			t.Fatalf("%q: %q, %q", typed, got, complaint)
		}
	})
}

// TestLetters: an application is read when it answers everything, and only
// then.
func TestLetters(t *testing.T) {
	const whole = "Наименование ОИВ (ОМСУ): Администрация города Кургана\nФИО пользователя: Иванова Анна Петровна\nТел.: 8 912 555-12-34\n" +
		"Адрес электронной почты: ivanova@example.ru\nЦель обращения: нет связи"
	for _, c := range []struct {
		name, typed string
		read        bool
		description string
	}{
		{"labelled", whole, true, "нет связи"},
		{"with a list's numbers", "1. Организация: Школа № 5\n2. ФИО: Иванова Анна\n3) Телефон: 8 912 555-12-34\n4) E-mail: a@example.ru\n5) Описание: нет связи\nс утра", true, "нет связи\nс утра"},
		{"without a telephone", strings.Replace(whole, "8 912 555-12-34", "позже", 1), false, ""},
		{"with two telephones", "Администрация города Кургана\nИванова Анна Петровна\n8 912 555-12-34\n8 912 555-12-35\nivanova@example.ru\nНет связи", false, ""},
		{"no letter", "Нет связи с сетью Правительства,\nиндикаторы на координаторе не горят, звоните по телефону 8 912 555-12-34", false, ""},
		{"short", "Нет связи", false, ""},
	} {
		answers, description, ok := readLetter(c.typed)
		if ok != c.read || description != c.description || ok && len(answers) != len(Steps)-1 {
			t.Errorf("%s: %v, %q, %v", c.name, ok, description, answers)
		}
	}
}
