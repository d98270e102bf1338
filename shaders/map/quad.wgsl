//{quad}
//{made}
for (var i = 0u; i < 4u; i++) {
    let e = /*{quad element}*/;
    //{set}
    //{quad next}
}
