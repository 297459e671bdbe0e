package conversation

import "testing"

func TestWithLinks(t *testing.T) {
	for _, c := range []struct {
		name, text string
		links      []Link
		want       string
	}{
		{"none", "без ссылок", nil, "без ссылок"},
		{"a word", "Скачайте обновление здесь.", []Link{{20, 5, "https://vipnet.example/a?b=1"}}, "Скачайте обновление здесь (https://vipnet.example/a?b=1)."},
		{"behind an emoji, which counts twice", "👍 тут", []Link{{3, 3, "https://a.ru"}}, "👍 тут (https://a.ru)"},
		{"its own address", "смотрите a.ru/b", []Link{{9, 6, "https://a.ru/b/"}}, "смотрите a.ru/b"},
		{"an address that poses as another", "банк.ру", []Link{{0, 7, "https://zlo.example"}}, "банк.ру (https://zlo.example)"},
		{"two", "раз два", []Link{{0, 3, "a.ru"}, {4, 3, "b.ru"}}, "раз (a.ru) два (b.ru)"},
		{"one in the other", "раз два", []Link{{0, 7, "a.ru"}, {4, 3, "b.ru"}}, "раз два (a.ru)"},
		{"beyond the end", "раз", []Link{{1, 3, "a.ru"}, {0, 0, "b.ru"}, {-1, 2, "c.ru"}}, "раз"},
	} {
		if got := WithLinks(c.text, c.links); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWithOrigin(t *testing.T) {
	for _, c := range []struct{ quote, from, text, want string }{
		{"", "", "Да", "Да"},
		{"Горит ли\n\nпитание?", "", "Да", "> Горит ли\n> питание?\nДа"},
		{"", "Мастер\nПётр", "Кабель перебит", "Переслано от Мастер Пётр:\nКабель перебит"},
		{"а", "Б", "", "Переслано от Б:\n> а"},
	} {
		if got := WithOrigin(c.quote, c.from, c.text); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestPlainWords(t *testing.T) {
	for typed, want := range map[string]string{
		"Да!": "да", " «Отмена». ": "отмена", "Всё верно 👍": "все верно", "Не\u00a0помогло…": "не помогло", "👍🏻": "", "и\u0306од": "йод",
		"со\u00adгласна": "согласна", "№ 26-00001-0": "26 00001 0", "<b>да</b>": "b да b",
	} {
		if got := plainWords(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
