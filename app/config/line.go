package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"

	"intakebot/incident"
)

// SupportLine is the support line that people read of. It names the boxes that
// the letters go to, whatever the line's own are.
func (s Settings) SupportLine() incident.Line {
	line := s.line()
	for text, box := range map[string]*string{s.Support: &line.Support.Email, s.UIT: &line.Second.Email} {
		if a, err := mail.ParseAddress(text); err == nil {
			*box = a.Address
		}
	}
	return line
}

// line is that of LINE_FILE, or the regulation's.
func (s Settings) line() incident.Line {
	if s.Line == (incident.Line{}) {
		return incident.RegulationLine()
	}
	return s.Line
}

// lineField is a row of a support line in TOML.
type lineField struct {
	key   string // support.phone
	means string // the comment, in Russian for whoever fills it in
	at    func(*incident.Line) any
	right func(string) bool
	holds string // what right wants
}

// lineFields are in the order of the file. A key that is left out keeps the
// value of the regulation's line.
var lineFields = []lineField{
	{"network", "Что обслуживает линия, в родительном падеже.", func(l *incident.Line) any { return &l.Network }, someWords, aText},
	{"breaks", "Когда сюда пишут: одно простое предложение.", func(l *incident.Line) any { return &l.Breaks }, someWords, aText},
	{"area_code", "Код города, который предлагается тому, кто его не назвал; пусто — не предлагать.", func(l *incident.Line) any { return &l.AreaCode }, like(`^([0-9]{3,5})?$`), "three to five digits in quotes, or nothing"},
	{"regulation", "Документ с правилами, как его цитируют; пусто, если его нет.", func(l *incident.Line) any { return &l.Regulation }, fewWords, aTextOrNone},
	{"support.name", "Кто отвечает на обращения.", func(l *incident.Line) any { return &l.Support.Name }, someWords, aText},
	{"support.phone", "Телефон, как его читают люди.", func(l *incident.Line) any { return &l.Support.Phone }, like(`^\+?[0-9][0-9 ()-]{2,}$`), "a telephone number: digits, blanks, hyphens and brackets"},
	{"support.extension", "Добавочный номер; пусто, если его нет.", func(l *incident.Line) any { return &l.Support.Extension }, like(`^[0-9]{0,8}$`), "digits, or nothing"},
	{"support.email", "Ящик, который принимает обращения. SUPPORT_EMAIL сильнее.", func(l *incident.Line) any { return &l.Support.Email }, bareBox, aBox},
	{"support.form", "Форма на сайте; пусто, если её нет.", func(l *incident.Line) any { return &l.Support.Form }, formAddress, "an address, http:// or https://, or nothing"},
	{"support.opens", "С какого часа отвечает телефон, по времени заявителя; 0:00 и 0:00 — круглосуточно.", func(l *incident.Line) any { return &l.Support.Opens }, nil, aClock},
	{"support.closes", "До какого часа.", func(l *incident.Line) any { return &l.Support.Closes }, nil, aClock},
	{"support.operator", "Что сказать секретарю, со слова «попросите»; пусто, если трубку берёт сама техподдержка.", func(l *incident.Line) any { return &l.Support.Operator }, fewWords, aTextOrNone},
	{"second.name", "Вторая линия, коротко, как на кнопке «Эскалировать в …».", func(l *incident.Line) any { return &l.Second.Name }, shortName, "a name of one line, at most 30 characters"},
	{"second.full", "Она же полностью.", func(l *incident.Line) any { return &l.Second.Full }, someWords, aText},
	{"second.email", "Ящик, который принимает эскалации. UIT_EMAIL сильнее.", func(l *incident.Line) any { return &l.Second.Email }, bareBox, aBox},
	{"second.clause", "Место в документе, по которому пишут письмо; пусто, если его нет.", func(l *incident.Line) any { return &l.Second.Clause }, fewWords, aTextOrNone},
}

const (
	aText       = "a text of one line, at most 300 characters"
	aTextOrNone = "a text of one line, at most 300 characters, or nothing"
	aBox        = "a mailbox, box@host"
	aClock      = "a time of day, like 8:00, in quotes"
)

func fewWords(v string) bool {
	return len([]rune(v)) <= 300 && !strings.ContainsFunc(v, unicode.IsControl)
}

func someWords(v string) bool { return strings.TrimSpace(v) != "" && fewWords(v) }

func shortName(v string) bool { return someWords(v) && len([]rune(v)) <= 30 }

func like(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

func bareBox(v string) bool {
	a, err := mail.ParseAddress(v)
	return err == nil && a.Address == v && address(func(*Settings, string) {})(nil, v) == nil
}

func formAddress(v string) bool {
	u, err := url.Parse(v)
	return v == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// WriteLine prints a support line as a LINE_FILE, with a comment for each field.
func WriteLine(out io.Writer, line incident.Line) error {
	var b bytes.Buffer
	b.WriteString("# Линия техподдержки: то, что люди читают о ней. Путь к этому файлу — в LINE_FILE.\n# Строка, которую убрали, остаётся такой, как здесь.\n")
	section := ""
	for _, f := range lineFields {
		table, key, nested := strings.Cut(f.key, ".")
		if !nested {
			table, key = "", f.key
		}
		if table != section {
			section = table
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		fmt.Fprintf(&b, "\n# %s\n", f.means)
		if err := toml.NewEncoder(&b).Encode(map[string]any{key: f.at(&line)}); err != nil {
			return err
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}

// supportLine takes LINE_FILE.
func supportLine(s *Settings, path string) error {
	text, err := textFile(path)
	if err != nil {
		return err
	}
	line, err := readLine(strings.TrimPrefix(text, "\ufeff"))
	if err == nil {
		s.Line = line
	}
	return err
}

// readLine reads a support line. The error joins one for each mistake, each with
// the place at which it stands.
func readLine(text string) (incident.Line, error) {
	line := incident.RegulationLine()
	var top map[string]toml.Primitive
	meta, err := toml.Decode(text, &top)
	if err != nil {
		return line, placed(err)
	}
	values, mistakes := leaves(meta, top)
	for _, f := range lineFields {
		value, given := values[f.key]
		if !given {
			continue
		}
		delete(values, f.key)
		if err := meta.PrimitiveDecode(value, f.at(&line)); err != nil {
			mistakes = append(mistakes, f.mistake(meta, value))
		} else if held, ok := f.at(&line).(*string); ok && !f.right(*held) {
			mistakes = append(mistakes, f.mistake(meta, value))
		}
	}
	for _, key := range meta.Keys() {
		if value, unknown := values[key.String()]; unknown {
			mistakes = append(mistakes, at(meta, value, "there is no key "+key.String()))
		}
	}
	if d := line.Support; len(mistakes) == 0 && d.Opens >= d.Closes && d.Opens != 0 {
		mistakes = append(mistakes, errors.New("support.opens should be before support.closes"))
	}
	return line, errors.Join(mistakes...)
}

// leaves are the values of a file by key; a table that nobody knows is one too.
func leaves(meta toml.MetaData, top map[string]toml.Primitive) (values map[string]toml.Primitive, mistakes []error) {
	values = map[string]toml.Primitive{}
	for key, value := range top {
		if key != "support" && key != "second" {
			values[key] = value
			continue
		}
		var table map[string]toml.Primitive
		if err := meta.PrimitiveDecode(value, &table); err != nil || meta.Type(key) != "Hash" {
			mistakes = append(mistakes, at(meta, value, key+" should be a table, ["+key+"]"))
			continue
		}
		for name, value := range table {
			values[key+"."+name] = value
		}
	}
	return values, mistakes
}

func (f lineField) mistake(meta toml.MetaData, value toml.Primitive) error {
	return at(meta, value, f.key+" should hold "+f.holds)
}

// at is a mistake with the place of the value that is wrong.
func at(meta toml.MetaData, value toml.Primitive, what string) error {
	err := meta.PrimitiveDecode(value, &complaint{what})
	if parse := (toml.ParseError{}); errors.As(err, &parse) {
		return placed(parse)
	}
	return errors.New(what)
}

// complaint is what no value can be decoded into: the library then says where
// that value stands.
type complaint struct{ what string }

// UnmarshalTOML implements toml.Unmarshaler.
func (c *complaint) UnmarshalTOML(any) error { return errors.New(c.what) }

// placed writes what the library found in one line, the place first.
func placed(err error) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	return fmt.Errorf("line %d: %s", parse.Position.Line, strings.ReplaceAll(cmp.Or(parse.Message, fmt.Sprint(errors.Unwrap(parse))), "\n", " "))
}
