package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestLogFields: the product logs fields of a known set only, each documented,
// so that nobody adds a name or an address in passing and a search for an
// incident finds all its lines. Messages are constants, since values belong
// into fields.
func TestLogFields(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, fields, _ := strings.Cut(string(page), "## Log fields")
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)`").FindAllStringSubmatch(fields, -1) {
		documented[m[1]] = false
	}
	for _, file := range productFiles(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			for _, field := range loggedFields(t, file, n) {
				if _, known := documented[field]; !known {
					t.Errorf("%s logs the field %q, which docs/operations.md does not know", file, field)
				}
				documented[field] = true
			}
			return true
		})
	}
	for field, used := range documented {
		if !used {
			t.Errorf("docs/operations.md knows the log field %q, which nobody writes", field)
		}
	}
}

// productFiles are the sources of what runs in production.
func productFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "simulator" || path == "demo" || path == "e2e"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// loggedFields are the names of the fields that a node logs: a call of a logger,
// or the list attrs that is given to one.
func loggedFields(t *testing.T, file string, n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CallExpr:
		method, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || n.Ellipsis.IsValid() { // a supervisor passes on what it is given
			return nil
		}
		if !isLogger(method.X) {
			return nil
		}
		args := n.Args
		switch strings.TrimSuffix(method.Sel.Name, "Context") {
		case "Debug", "Info", "Warn", "Error", "Complain":
		default:
			return nil
		}
		if strings.HasSuffix(method.Sel.Name, "Context") {
			args = args[1:]
		}
		if _, constant := args[0].(*ast.BasicLit); !constant {
			t.Errorf("%s: a log message is no constant", file)
		}
		return everySecond(args[1:])
	case *ast.AssignStmt:
		if name, ok := n.Lhs[0].(*ast.Ident); ok && name.Name == "attrs" {
			switch from := n.Rhs[0].(type) {
			case *ast.CompositeLit:
				return everySecond(from.Elts)
			case *ast.CallExpr: // append
				return everySecond(from.Args[1:])
			}
		}
	}
	return nil
}

// isLogger tells by the name: log, p.log, d.Log, w.Logger.
func isLogger(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "log"
	case *ast.SelectorExpr:
		return slices.Contains([]string{"log", "Log", "Logger"}, x.Sel.Name)
	}
	return false
}

func everySecond(args []ast.Expr) (names []string) {
	for i := 0; i < len(args); i += 2 {
		if literal, ok := args[i].(*ast.BasicLit); ok {
			name, _ := strconv.Unquote(literal.Value)
			names = append(names, name)
		}
	}
	return names
}
