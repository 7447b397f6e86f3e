using System.Text;

namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>Gives everything to two writers, which stay open.</summary>
internal sealed class BothWriters(TextWriter first, TextWriter second) : TextWriter
{
    public override Encoding Encoding => first.Encoding;

    public override void Write(char value)
    {
        first.Write(value);
        second.Write(value);
    }

    public override void Write(string? value)
    {
        first.Write(value);
        second.Write(value);
    }

    public override void WriteLine(string? value)
    {
        first.WriteLine(value);
        second.WriteLine(value);
    }

    public override void Flush() => first.Flush();
}
