#version 330 core
// A decoder's planes to the screen's colours. Numbers come as uniforms; tables behind HDR come as a texture.
uniform sampler2D y_plane;
uniform sampler2D u_plane;
uniform sampler2D v_plane;
uniform sampler1D light; // a channel's HDR code to light of the screen
uniform float scale;     // a texture's value to a share of the code range
uniform vec3 zero;       // codes of black and of no colour
uniform mat3 matrix;     // brightness and colour differences to red, green, blue
uniform bool is_hdr;
uniform mat3 primaries;  // light of the film's primaries to the screen's
uniform float gamma;
in vec2 place;
out vec4 color;

void main() {
    vec3 code = scale * vec3(texture(y_plane, place).r, texture(u_plane, place).r, texture(v_plane, place).r);
    vec3 rgb = clamp(matrix * (code - zero), 0.0, 1.0);
    if (is_hdr) {
        vec3 lit = vec3(texture(light, rgb.r).r, texture(light, rgb.g).r, texture(light, rgb.b).r);
        rgb = pow(clamp(primaries * lit, 0.0, 1.0), vec3(1.0 / gamma));
    }
    color = vec4(rgb, 1.0);
}
