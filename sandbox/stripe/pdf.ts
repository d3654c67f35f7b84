/** A document of plain lines as PDF 1.4: one page, Helvetica, nothing else. For the sandbox's invoices. */
const safe = (text: string) => text.replaceAll(/[^\u0020-\u007e]/g, "?").replaceAll(/[\\()]/g, (char) => `\\${char}`);

export function pdfOf(lines: readonly string[]): Buffer {
  const content = `BT /F1 11 Tf 56 780 Td 16 TL ${lines.map((line) => `(${safe(line)}) Tj T*`).join(" ")} ET`;
  const parts = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let out = "%PDF-1.4\n";
  const at = parts.map((part, index) => {
    const offset = out.length;
    out += `${index + 1} 0 obj\n${part}\nendobj\n`;
    return offset;
  });
  const start = out.length;
  out += `xref\n0 ${parts.length + 1}\n0000000000 65535 f \n${at.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("")}trailer << /Size ${parts.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(out, "latin1");
}
