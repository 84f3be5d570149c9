#version 330 core
// A rectangle over the viewport. `turn` takes its corners to the picture's, which may lie on its side.
uniform mat2 turn;
out vec2 place;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
    vec2 from_middle = vec2(corner.x - 0.5, 0.5 - corner.y); // rows of a picture run down
    place = turn * from_middle + 0.5;
}
