package mailer

import (
	"fmt"
	"strings"

	"intakebot/incident"
)

// Collect gets by fetch, in their order, the files that a letter can take: as
// many as stay within AttachmentsMax together. A file that is left out leaves
// its room to those after it. fetch is not called for a file that is known to
// be too large. The result tells of every file; it is nil when no letter takes
// files.
func (l Letters) Collect(all []incident.Attachment, fetch func(incident.Attachment) ([]byte, error)) []incident.File {
	if l.AttachmentsMax <= 0 {
		return nil
	}
	var files []incident.File
	room := l.AttachmentsMax
	for _, a := range all {
		f := incident.File{Attachment: a, LeftOut: leftOut(a, room)}
		if f.LeftOut == incident.NotLeftOut {
			data, err := fetch(a)
			size := encodedSize(int64(len(data)))
			switch {
			case err != nil:
				f.LeftOut = incident.NotFetched
			case size > room: // Telegram did not know its size, or was wrong
				f.LeftOut = incident.NoRoom
			default:
				f.Data = data
				room -= size
			}
		}
		files = append(files, f)
	}
	return files
}

// fitting is how many of the files a letter will take, by what Telegram says of
// their sizes.
func (l Letters) fitting(all []incident.Attachment) (n int) {
	room := l.AttachmentsMax
	for _, a := range all {
		if leftOut(a, room) == incident.NotLeftOut {
			room -= encodedSize(a.Size)
			n++
		}
	}
	return n
}

// leftOut says why a file cannot go, by the size that Telegram says it has.
func leftOut(a incident.Attachment, room int64) incident.LeftOut {
	switch {
	case a.Size > incident.FetchMost:
		return incident.TooLarge
	case encodedSize(a.Size) > room:
		return incident.NoRoom
	}
	return incident.NotLeftOut
}

// fileFields tell the reader which files the letter holds, and which not.
func fileFields(files []incident.File) []field {
	reasons := map[incident.LeftOut]string{
		incident.NoRoom:     "не помещается в письмо",
		incident.TooLarge:   "больше 20\u00a0МБ, такие файлы Telegram не отдаёт ботам",
		incident.NotFetched: "не удалось получить из Telegram",
	}
	var in, out []string
	for k, name := range fileNames(files) {
		if why := files[k].LeftOut; why != incident.NotLeftOut {
			out = append(out, name+" — "+reasons[why])
		} else {
			in = append(in, name)
		}
	}
	var fields []field
	if len(in) > 0 {
		fields = append(fields, field{Label: "Приложены к письму", Value: strings.Join(in, "\n"), Block: true})
	}
	if len(out) > 0 {
		fields = append(fields, field{
			Label: "Не вошли в письмо (есть у технической поддержки)", Value: strings.Join(out, "\n"), Block: true,
		})
	}
	return fields
}

// fittingLine announces in the preview how many files the letter will take; no
// line when there is nothing to take.
func (l Letters) fittingLine(all []incident.Attachment) []string {
	if len(all) == 0 || l.AttachmentsMax <= 0 {
		return nil
	}
	value := fmt.Sprint(len(all))
	if n := l.fitting(all); n < len(all) {
		value = fmt.Sprintf("%d из %d, остальные не помещаются и будут названы", n, len(all))
	}
	return []string{"Файлов в приложении: " + value + "."}
}

// nameMost is the longest file name in a letter, in characters.
const nameMost = 80

// fileNames are the names of files in a letter: as Telegram gave them, safe to
// save; of those without one their kind, counted.
func fileNames(files []incident.File) []string {
	unnamed := map[incident.AttachmentKind]string{
		incident.Photo: "фотография-%d.jpg", incident.Video: "видео-%d.mp4", incident.Voice: "голосовое-сообщение-%d.ogg",
		incident.Audio: "аудиозапись-%d.mp3", incident.VideoNote: "видеосообщение-%d.mp4", incident.Animation: "анимация-%d.mp4",
	}
	counts := map[incident.AttachmentKind]int{}
	names := make([]string, len(files))
	for k, f := range files {
		names[k] = fileName(f.Name)
		if names[k] != "" {
			continue
		}
		counts[f.Kind]++
		form := unnamed[f.Kind]
		if form == "" {
			form = "файл-%d"
		}
		names[k] = fmt.Sprintf(form, counts[f.Kind])
	}
	return names
}

// fileName makes a name that somebody chose one that a letter can carry and a
// disk can keep: on one line, no path, not too long. "" when nothing is left.
func fileName(given string) string {
	name := strings.NewReplacer("/", "_", "\\", "_").Replace(oneLine(given))
	name = strings.Trim(name, " .")
	runes := []rune(name)
	if len(runes) <= nameMost {
		return name
	}
	end := []rune(extension(name))
	return string(runes[:nameMost-len(end)]) + string(end)
}

// extension is what follows the last dot, with it; "" when that is too long to
// be one.
func extension(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || len(name)-dot > 12 {
		return ""
	}
	return name[dot:]
}
