package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// ofTheLine is what only incident/line.go may say: another line is another value.
var ofTheLine = regexp.MustCompile(`200-79-32|krasnodar\.pro|rosint\.net|kurganobl\.ru|УИТ|Курган|Информационные системы и аутсорсинг|\b8:00|\b17:00`)

// examples are literals that look like the line's and are not.
var examples = map[string]string{
	"conversation/email.go": `"kurganobl.ru"`,                        // a domain to which a mistyped one is close
	"app/config/line.go":    `"a time of day, like 8:00, in quotes"`, // a form
}

// TestTheLineIsSaidOnce: names, telephone, boxes, form and hours of the support
// line stand in no other code of the program.
func TestTheLineIsSaidOnce(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, path := range glob(t, "*.go", "*/*.go", "*/*/*.go") {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "e2e/") || path == "incident/line.go" {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if ok && literal.Kind == token.STRING && literal.Value != examples[path] && ofTheLine.MatchString(literal.Value) {
				t.Errorf("%s says %s: that belongs into incident.Line", files.Position(literal.Pos()), literal.Value)
			}
			return true
		})
	}
	if looked < 50 || !ofTheLine.MatchString(page(t, "incident/line.go")) {
		t.Errorf("%d files: the test looks in the wrong place", looked)
	}
}
