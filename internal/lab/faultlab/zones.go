package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// envZones is where Go looks for a time zone before anywhere else; workers have it too.
const envZones = "ZONEINFO"

// useZones makes the directory of the lab's own zones. It has to be called before the first
// zone is loaded: Go reads the variable once.
func useZones() (remove func(), err error) {
	dir, err := os.MkdirTemp("", "relance-faultlab-zones-")
	if err != nil {
		return nil, err
	}
	return func() { _ = os.RemoveAll(dir) }, os.Setenv(envZones, dir)
}

// zoneAt is a zone in which a moment has a time of day, in hours. A sender's hours end and begin
// at full minutes, and its dates at midnight; with a zone of its own each moment of a run can be
// such an edge. It has one offset, for ever, and is a file as IANA's are (RFC 9636).
func zoneAt(moment time.Time, clock int) (*time.Location, error) {
	const day = 24 * 60 * 60
	utc := int(moment.Unix() % day)
	offset := (clock*60*60 - utc + 2*day) % day
	if offset > day/2 {
		offset -= day
	}
	name := fmt.Sprintf("Lab/East%+d", offset)
	file := filepath.Join(os.Getenv(envZones), name)
	if _, err := os.Stat(file); err == nil {
		return time.LoadLocation(name)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	fresh := fmt.Sprintf("%s.%d", file, time.Now().UnixNano())
	if err := os.WriteFile(fresh, zoneFile(offset), 0o644); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, file); err != nil { // whole, or not there
		return nil, err
	}
	return time.LoadLocation(name)
}

// zoneFile is a TZif file of one offset, in seconds: one type of local time and no transition.
func zoneFile(offset int) []byte {
	block := func(version byte) []byte {
		var text bytes.Buffer
		text.WriteString("TZif")
		text.WriteByte(version)
		text.Write(make([]byte, 15))
		for _, count := range []uint32{0, 0, 0, 0, 1, 4} { // of UT, standard, leaps, transitions, types, letters
			_ = binary.Write(&text, binary.BigEndian, count)
		}
		_ = binary.Write(&text, binary.BigEndian, int32(offset)) //nolint:gosec // half a day at most
		text.Write([]byte{0, 0})
		text.WriteString("LAB\x00")
		return text.Bytes()
	}
	return append(append(block('2'), block('2')...), "\n\n"...)
}
