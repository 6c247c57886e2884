//go:build cgo

package jp2

/*
#cgo pkg-config: libopenjp2
#include <openjpeg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { uint8_t *data; size_t len, cap, at; } memory;

static OPJ_SIZE_T mem_read(void *to, OPJ_SIZE_T n, void *user) {
	memory *m = user;
	if (m->at >= m->len) return (OPJ_SIZE_T)-1;
	if (n > m->len - m->at) n = m->len - m->at;
	memcpy(to, m->data + m->at, n);
	m->at += n;
	return n;
}

static OPJ_SIZE_T mem_write(void *from, OPJ_SIZE_T n, void *user) {
	memory *m = user;
	if (n > m->cap - m->at) return (OPJ_SIZE_T)-1;
	memcpy(m->data + m->at, from, n);
	m->at += n;
	if (m->at > m->len) m->len = m->at;
	return n;
}

static OPJ_BOOL mem_seek(OPJ_OFF_T to, void *user) {
	memory *m = user;
	if (to < 0 || (uint64_t)to > m->cap) return OPJ_FALSE;
	m->at = (size_t)to;
	return OPJ_TRUE;
}

static OPJ_OFF_T mem_skip(OPJ_OFF_T n, void *user) {
	memory *m = user;
	if (n < 0 || (uint64_t)n > m->cap - m->at) return -1;
	m->at += (size_t)n;
	return n;
}

static opj_stream_t *mem_stream(memory *m, OPJ_BOOL input) {
	opj_stream_t *s = opj_stream_create(64 << 10, input);
	if (!s) return NULL;
	opj_stream_set_user_data(s, m, NULL);
	opj_stream_set_user_data_length(s, input ? m->len : 0);
	opj_stream_set_read_function(s, mem_read);
	opj_stream_set_write_function(s, mem_write);
	opj_stream_set_seek_function(s, mem_seek);
	opj_stream_set_skip_function(s, mem_skip);
	return s;
}

static void wipe_image(opj_image_t *img) {
	if (!img) return;
	for (OPJ_UINT32 i = 0; i < img->numcomps; i++) {
		opj_image_comp_t *c = &img->comps[i];
		if (c->data) memset(c->data, 0, sizeof(OPJ_INT32) * (size_t)c->w * c->h);
	}
	opj_image_destroy(img);
}

// interleave copies the components, 0 to 255, into out; 0 if they are not of
// the shape that was expected.
static int interleave(opj_image_t *img, uint32_t w, uint32_t h, uint32_t comps, uint8_t *out) {
	if (img->numcomps != comps) return 0;
	for (uint32_t k = 0; k < comps; k++) {
		opj_image_comp_t *c = &img->comps[k];
		if (!c->data || c->w != w || c->h != h || c->prec != 8 || c->sgnd || c->factor != 0) return 0;
		for (size_t i = 0; i < (size_t)w * h; i++) {
			OPJ_INT32 v = c->data[i];
			out[i * comps + k] = v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
		}
	}
	return 1;
}

// decode fills out with w*h*comps bytes and returns the colour space plus 1000,
// or 0. OpenJPEG says nothing on its own.
static int decode(uint8_t *data, size_t len, int file, uint32_t w, uint32_t h, uint32_t comps, uint8_t *out) {
	memory m = {data, len, len, 0};
	opj_dparameters_t p;
	opj_image_t *img = NULL;
	int space = 0;
	opj_set_default_decoder_parameters(&p);
	opj_codec_t *codec = opj_create_decompress(file ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
	opj_stream_t *s = mem_stream(&m, OPJ_TRUE);
	if (codec && s && opj_setup_decoder(codec, &p) && opj_decoder_set_strict_mode(codec, OPJ_TRUE) &&
		opj_read_header(s, codec, &img) && img->numcomps == comps &&
		opj_decode(codec, s, img) && opj_end_decompress(codec, s) &&
		interleave(img, w, h, comps, out))
		space = 1000 + img->color_space;
	wipe_image(img);
	if (s) opj_stream_destroy(s);
	if (codec) opj_destroy_codec(codec);
	return space;
}

// encode writes a JP2 file without loss and returns its length, or 0.
static size_t encode(uint8_t *pix, uint32_t w, uint32_t h, uint32_t comps, uint8_t *out, size_t cap) {
	memory m = {out, 0, cap, 0};
	opj_cparameters_t p;
	opj_image_cmptparm_t cp[3];
	size_t len = 0;
	opj_set_default_encoder_parameters(&p);
	p.tcp_numlayers = 1;
	p.cp_disto_alloc = 1;
	p.tcp_mct = comps == 3;
	while (p.numresolution > 1 && ((w >> (p.numresolution - 1)) == 0 || (h >> (p.numresolution - 1)) == 0)) p.numresolution--;
	memset(cp, 0, sizeof cp);
	for (uint32_t k = 0; k < comps; k++) {
		cp[k].dx = cp[k].dy = 1;
		cp[k].w = w;
		cp[k].h = h;
		cp[k].prec = 8;
	}
	opj_image_t *img = opj_image_create(comps, cp, comps == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY);
	opj_codec_t *codec = opj_create_compress(OPJ_CODEC_JP2);
	opj_stream_t *s = mem_stream(&m, OPJ_FALSE);
	if (img && codec && s) {
		img->x1 = w;
		img->y1 = h;
		for (uint32_t k = 0; k < comps; k++)
			for (size_t i = 0; i < (size_t)w * h; i++) img->comps[k].data[i] = pix[i * comps + k];
		if (opj_setup_encoder(codec, &p, img) && opj_start_compress(codec, img, s) &&
			opj_encode(codec, s) && opj_end_compress(codec, s))
			len = m.len;
	}
	wipe_image(img);
	if (s) opj_stream_destroy(s);
	if (codec) opj_destroy_codec(codec);
	return len;
}
*/
import "C"

import (
	"errors"
	"image"
	"image/color"
	"unsafe"
)

var errOpenJPEG = errors.New("decoding JPEG 2000: OpenJPEG refuses the image")

// Decode decodes an image of the size given and refuses any other before it
// allocates for it. Grey is an [image.Gray] of 8 bits, colour an [image.NRGBA],
// both without padding. A broken or truncated image is an error, never part of an
// image.
func Decode(data []byte, width, height int) (image.Image, error) {
	s, err := check(data, width, height)
	if err != nil {
		return nil, err
	}
	pix := make([]byte, width*height*s.components)
	space := C.decode((*C.uint8_t)(unsafe.Pointer(&data[0])), C.size_t(len(data)), C.int(btoi(s.file)),
		C.uint32_t(width), C.uint32_t(height), C.uint32_t(s.components), (*C.uint8_t)(unsafe.Pointer(&pix[0])))
	if space == 0 {
		clear(pix)
		return nil, errOpenJPEG
	}
	if s.components == 1 {
		return &image.Gray{Pix: pix, Stride: width, Rect: image.Rect(0, 0, width, height)}, nil
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	spread(img.Pix, pix, space-1000 == C.OPJ_CLRSPC_SYCC)
	clear(pix)
	return img, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// spread makes four bytes a pixel of three, and RGB of YCbCr.
func spread(dst, pix []byte, ycc bool) {
	for i, o := 0, 0; i+2 < len(pix); i, o = i+3, o+4 {
		r, g, b := pix[i], pix[i+1], pix[i+2]
		if ycc {
			r, g, b = color.YCbCrToRGB(r, g, b)
		}
		dst[o], dst[o+1], dst[o+2], dst[o+3] = r, g, b, 0xff
	}
}

// Encode writes an image as a JP2 file, without loss: grey from an [image.Gray],
// colour from everything else. The simulated devices need it; the station keeps
// what devices send.
func Encode(img image.Image) ([]byte, error) {
	b := img.Bounds()
	if b.Empty() || b.Dx() > maxPixels || b.Dy() > maxPixels || b.Dx()*b.Dy() > maxPixels {
		return nil, errors.New("encoding JPEG 2000: size of the image is not allowed")
	}
	pix, components := interleaved(img)
	out := make([]byte, 2*len(pix)+4096) // more than any image needs without loss
	n := C.encode((*C.uint8_t)(unsafe.Pointer(&pix[0])), C.uint32_t(b.Dx()), C.uint32_t(b.Dy()), C.uint32_t(components),
		(*C.uint8_t)(unsafe.Pointer(&out[0])), C.size_t(len(out)))
	if n == 0 {
		return nil, errors.New("encoding JPEG 2000: OpenJPEG refuses the image")
	}
	return out[:n], nil
}

// interleaved returns one or three bytes a pixel, without padding.
func interleaved(img image.Image) (pix []byte, components int) {
	b := img.Bounds()
	if g, ok := img.(*image.Gray); ok {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			pix = append(pix, g.Pix[g.PixOffset(b.Min.X, y):][:b.Dx()]...)
		}
		return pix, 1
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			pix = append(pix, c.R, c.G, c.B)
		}
	}
	return pix, 3
}
