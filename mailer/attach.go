package mailer

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"intakebot/incident"
)

// attach makes a letter with files of a finished letter without: its
// multipart/alternative becomes the first part of a multipart/mixed (RFC 2046,
// 5.1.3), unchanged, and each file follows. The mail library gives all
// multiparts of a letter the same boundary once it is fixed, and fixed it must
// be for equal bytes, so this is done here. The result has that much room behind
// it.
func attach(letter []byte, boundary string, files []incident.File, room int) []byte {
	head, alternative, _ := bytes.Cut(letter, []byte("\r\nContent-Type: "))
	size := len(letter) + 1024*(len(files)+1) + room
	for _, f := range files {
		size += int(encodedSize(int64(len(f.Data))))
	}
	var b bytes.Buffer
	b.Grow(size)
	fmt.Fprintf(&b, "%s\r\nContent-Type: multipart/mixed;\r\n boundary=%s\r\n\r\n", head, boundary)
	fmt.Fprintf(&b, "--%s\r\nContent-Type: %s", boundary, alternative)
	names := fileNames(files)
	for k, f := range files {
		if f.LeftOut != incident.NotLeftOut {
			continue
		}
		fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type:%s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: %s\r\n\r\n",
			boundary, typeHeader(contentType(f.Kind, names[k]), names[k]), disposition(names[k]))
		encode(&b, f.Data)
	}
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes()
}

// carries says whether any of the files goes with the letter.
func carries(files []incident.File) bool {
	for _, f := range files {
		if f.LeftOut == incident.NotLeftOut {
			return true
		}
	}
	return false
}

// lineBytes are the bytes of a file on one line of base64, which has 76
// characters (RFC 2045, 6.8).
const lineBytes = 57

// encode writes data in base64, lines end in CRLF.
func encode(b *bytes.Buffer, data []byte) {
	var line [base64Line + 2]byte
	for len(data) > 0 {
		n := min(len(data), lineBytes)
		base64.StdEncoding.Encode(line[:], data[:n])
		end := base64.StdEncoding.EncodedLen(n)
		b.Write(append(line[:end], "\r\n"...))
		data = data[n:]
	}
}

const base64Line = lineBytes / 3 * 4

// encodedSize is how many bytes a file of that size takes in a letter.
func encodedSize(size int64) int64 {
	whole, rest := size/lineBytes, size%lineBytes
	encoded := whole * (base64Line + 2)
	if rest > 0 {
		encoded += (rest+2)/3*4 + 2
	}
	return encoded
}

// A name with other than short plain ASCII is written in two ways: as RFC 2231
// says, and as an encoded word (RFC 2047), which has no place there but is what
// Outlook and many webmails read. Each way is in pieces that keep the lines short.

// typeHeader is the value of Content-Type.
func typeHeader(kind, name string) string {
	value := " " + kind
	if len(kind) > 60 {
		value = "\r\n " + kind
	}
	return value + ";\r\n name=" + quoted(name)
}

// disposition names a file to be saved.
func disposition(name string) string {
	value := "attachment;\r\n filename=" + quoted(name)
	if plain(name) {
		return value
	}
	pieces := pieces(name, 54, percent)
	if len(pieces) == 1 {
		return value + ";\r\n filename*=UTF-8''" + pieces[0]
	}
	charset := "UTF-8''"
	for k, piece := range pieces {
		value += fmt.Sprintf(";\r\n filename*%d*=%s%s", k, charset, piece)
		charset = ""
	}
	return value
}

// plain says that a name can stand in quotes as it is, on one line.
func plain(name string) bool {
	return len(name) <= 60 && !strings.Contains(name, "=?") && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
}

// quoted is a name in quotes, in encoded words where it must be.
func quoted(name string) string {
	if plain(name) {
		return `"` + name + `"`
	}
	words := pieces(name, 36, func(r rune) string { return string(r) })
	for k, w := range words {
		words[k] = "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(w)) + "?="
	}
	return `"` + strings.Join(words, "\r\n ") + `"`
}

// percent escapes a rune as RFC 2231 asks.
func percent(r rune) string { return strings.ReplaceAll(url.QueryEscape(string(r)), "+", "%20") }

// pieces cuts a name, written rune by rune, into pieces of at most so many bytes.
func pieces(name string, most int, write func(rune) string) []string {
	all := []string{""}
	for _, r := range name {
		written := write(r)
		if last := len(all) - 1; len(all[last])+len(written) <= most {
			all[last] += written
		} else {
			all = append(all, written)
		}
	}
	return all
}

// contentTypes are the types of what people send, by extension. The tables of
// the operating system differ from one machine to the next.
var contentTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".bmp": "image/bmp",
	".webp": "image/webp", ".heic": "image/heic", ".tif": "image/tiff", ".tiff": "image/tiff",
	".mp4": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo", ".webm": "video/webm",
	".ogg": "audio/ogg", ".oga": "audio/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav",
	".txt": "text/plain", ".log": "text/plain", ".csv": "text/csv",
	".pdf": "application/pdf", ".rtf": "application/rtf", ".zip": "application/zip",
	".7z": "application/x-7z-compressed", ".rar": "application/vnd.rar",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}

// contentType is the type of a file; of what is not known, that of any bytes.
func contentType(kind incident.AttachmentKind, name string) string {
	if t := contentTypes[strings.ToLower(extension(name))]; t != "" {
		return t
	}
	switch kind {
	case incident.Photo:
		return "image/jpeg"
	case incident.Video, incident.VideoNote, incident.Animation:
		return "video/mp4"
	case incident.Voice:
		return "audio/ogg"
	case incident.Audio:
		return "audio/mpeg"
	}
	return "application/octet-stream"
}
