package simulator

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	maxDownload    = 20 << 20 // getFile
	maxUpload      = 50 << 20
	maxPhotoUpload = 10 << 20
)

// File is a file that a person sends.
type File struct {
	Name string // documents, videos, audio
	MIME string // default: by kind
	Data []byte // what getFile downloads
	Size int64  // what Telegram says of its size; default: len(Data)
}

// file is a stored file. Each size of a photo is a file of its own.
type file struct {
	id, unique    string
	kind          string // photo, document, video, voice, audio, animation, video_note, sticker
	name, mime    string
	size          int64
	data          []byte
	path          string // for /file/bot<token>/
	width, height int
	duration      int
	of            *attachment
}

// attachment is what a message carries; sizes has one element but for photos.
type attachment struct {
	kind  string
	sizes []*file
}

// best is the file itself, of a photo the largest.
func (a *attachment) best() *file { return a.sizes[len(a.sizes)-1] }

// wireFile is what the kinds of files have in the Bot API, all in one.
type wireFile struct {
	ID       string `json:"file_id"`
	Unique   string `json:"file_unique_id"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Length   int    `json:"length,omitempty"`
	Duration int    `json:"duration,omitempty"`
	Name     string `json:"file_name,omitempty"`
	MIME     string `json:"mime_type,omitempty"`
	Size     int64  `json:"file_size,omitempty"`
	Type     string `json:"type,omitempty"`
	Emoji    string `json:"emoji,omitempty"`
}

// fileKind is what Telegram knows of a kind of files.
type fileKind struct {
	folder, ext, mime string
	width, height     int
	duration          int
	album             string // kinds with the same word can share an album
	noCaption         bool
}

var fileKinds = map[string]fileKind{
	"photo":      {folder: "photos", ext: ".jpg", mime: "image/jpeg", width: 1280, height: 960, album: "visual"},
	"video":      {folder: "videos", ext: ".mp4", mime: "video/mp4", width: 1280, height: 720, duration: 12, album: "visual"},
	"document":   {folder: "documents", ext: "", mime: "application/octet-stream", album: "document"},
	"audio":      {folder: "music", ext: ".mp3", mime: "audio/mpeg", duration: 60, album: "audio"},
	"voice":      {folder: "voice", ext: ".oga", mime: "audio/ogg", duration: 5},
	"animation":  {folder: "animations", ext: ".mp4", mime: "video/mp4", width: 320, height: 240, duration: 3},
	"video_note": {folder: "video_notes", ext: ".mp4", mime: "video/mp4", width: 240, height: 240, duration: 8, noCaption: true},
	"sticker":    {folder: "stickers", ext: ".webp", mime: "image/webp", width: 512, height: 512, noCaption: true},
}

// store keeps a file and returns it as an attachment.
func (tg *Telegram) store(kind string, in File) *attachment {
	k := fileKinds[kind]
	if in.Size == 0 {
		in.Size = int64(len(in.Data))
	}
	if in.MIME == "" {
		in.MIME = k.mime
	}
	full := &file{kind: kind, mime: in.MIME, size: in.Size, data: in.Data, width: k.width, height: k.height, duration: k.duration}
	if kind == "document" || kind == "video" || kind == "audio" || kind == "animation" {
		full.name = in.Name
	}
	a := &attachment{kind: kind, sizes: []*file{full}}
	if kind == "photo" {
		small := *full
		small.width, small.height, small.size = 90, 67, min(full.size, 1200)
		a.sizes = []*file{&small, full}
	}
	for _, f := range a.sizes {
		tg.nextFile++
		f.of = a
		ext := k.ext
		if ext == "" {
			ext = path.Ext(in.Name)
		}
		f.path = fmt.Sprintf("%s/file_%d%s", k.folder, tg.nextFile, ext)
		f.unique = fmt.Sprintf("AQAD%08d", tg.nextFile)
		f.id = fmt.Sprintf("AgACAgIAAxkBAAI%s%08d", strings.ToUpper(kind[:2]), tg.nextFile)
		tg.files[f.id] = f
	}
	return a
}

func (f *file) wire() wireFile {
	w := wireFile{
		ID: f.id, Unique: f.unique, Width: f.width, Height: f.height, Duration: f.duration,
		Name: f.name, MIME: f.mime, Size: f.size,
	}
	switch f.kind {
	case "photo":
		w.MIME = ""
	case "video_note":
		w.Length, w.Width, w.Height, w.MIME = f.width, 0, 0, ""
	case "sticker":
		w.Type, w.Emoji, w.MIME = "regular", "🙂", ""
	}
	return w
}

func (a *attachment) wire(w *wireMessage) {
	f := a.best().wire()
	switch a.kind {
	case "photo":
		for _, size := range a.sizes {
			w.Photo = append(w.Photo, size.wire())
		}
	case "document":
		w.Document = &f
	case "video":
		w.Video = &f
	case "voice":
		w.Voice = &f
	case "audio":
		w.Audio = &f
	case "animation":
		w.Animation, w.Document = &f, &f
	case "video_note":
		w.VideoNote = &f
	case "sticker":
		w.Sticker = &f
	}
}

// getFile: https://core.telegram.org/bots/api#getfile.
func (tg *Telegram) getFile(q *request) (any, error) {
	f := tg.files[q.str("file_id")]
	if f == nil {
		return nil, badRequest("invalid file_id")
	}
	if tg.opt.LocalFiles != "" {
		return tg.localFile(f)
	}
	if f.size > maxDownload {
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "file_path": f.path}, nil
}

// localFile writes a file to the folder of a server of one's own.
func (tg *Telegram) localFile(f *file) (any, error) {
	folder, err := filepath.Abs(tg.opt.LocalFiles)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(folder, filepath.FromSlash(f.path))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(name, f.data, 0o600); err != nil {
		return nil, err
	}
	return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "file_path": name}, nil
}

// FileData is the content of a file that anybody sent.
func (tg *Telegram) FileData(fileID string) ([]byte, bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	f := tg.files[fileID]
	if f == nil {
		return nil, false
	}
	return f.data, true
}

// takeFile turns a parameter that is a file_id, an upload or attach://name into
// an attachment (https://core.telegram.org/bots/api#sending-files).
func (tg *Telegram) takeFile(p params, kind, value, uploadName string) (*attachment, error) {
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		uploadName, value = name, ""
	}
	if up, ok := p.files[uploadName]; ok && value == "" {
		switch {
		case len(up.data) == 0:
			return nil, badRequest("file must be non-empty")
		case kind == "photo" && len(up.data) > maxPhotoUpload:
			return nil, badRequest("file is too big")
		case len(up.data) > maxUpload:
			return nil, &apiError{code: 413, text: "Request Entity Too Large"}
		}
		contentType := up.mime
		if contentType == "application/octet-stream" {
			contentType = ""
		}
		return tg.store(kind, File{Name: up.name, MIME: contentType, Data: up.data}), nil
	}
	switch {
	case value == "":
		return nil, badRequest("there is no %s in the request", strings.ReplaceAll(kind, "_", " "))
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		return nil, badRequest("failed to get HTTP URL content")
	}
	f := tg.files[value]
	if f == nil {
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	if f.kind != kind {
		return nil, badRequest("can't use file of type %s as %s", typeName(f.kind), typeName(kind))
	}
	return f.of, nil
}

// typeName is how Telegram's errors call a kind: VideoNote, Photo.
func typeName(kind string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(kind, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}
