using Iced.Intel;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>Machine code for instructions that the runtime has no methods for, as arrays of bytes beside their listing.</summary>
internal static class MachineCodeSources
{
    /// <summary>The word on the command line.</summary>
    internal const string Kind = "machine-code";

    private const string Folder = "src/SqueezeBert/Kernels/Products/Int8/MachineCode";

    /// <summary>
    /// As the panels of a matrix are wide, and so many rows that at most 24 registers hold sums; eight are enough to hide an instruction's
    /// latency.
    /// </summary>
    private static readonly (int Vectors, int Rows)[] Shapes = [(1, 8), (2, 8), (3, 8), (4, 6)];

    private static readonly string[] Numbers = ["one vector", "two vectors", "three vectors", "four vectors"];

    internal static IReadOnlyList<GeneratedFile> Generate() =>
    [
        .. Shapes.Select(shape => Write(
            $"VnniCode{shape.Vectors}", $"Tiles of bytes {Numbers[shape.Vectors - 1]} wide, with 512-bit VNNI.",
            [.. Enumerable.Range(1, shape.Rows)
                .Select(rows => ($"Rows{rows}", new VnniTile(shape.Vectors, rows).Assemble()))])),
        Write("WindowsEntryCode", "How Windows calls the other code.", [("Bytes", WindowsEntry.Assemble())]),
    ];

    private static GeneratedFile Write(string name, string summary, IReadOnlyList<(string Name, Assembler Code)> routines)
    {
        SourceWriter writer = new(Kind, $"{Folder}/{name}.cs");
        writer.Lines($"""
            namespace SqueezeBert.Kernels.Products.Int8.MachineCode;

            /// <summary>{summary}</summary>
            internal static class {name}
            """);
        writer.Block(() =>
        {
            for (var i = 0; i < routines.Count; i++)
            {
                if (i > 0)
                    writer.Lines("");
                writer.Lines($"internal static ReadOnlySpan<byte> {routines[i].Name} =>");
                Array(writer, routines[i].Code);
            }
        });
        return writer.ToFile();
    }

    private static void Array(SourceWriter writer, Assembler assembler)
    {
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), 0);
        var code = stream.ToArray();
        var decoder = Decoder.Create(64, code);
        IntelFormatter formatter = new();
        writer.Lines("[");
        writer.Indented(() =>
        {
            while (decoder.IP < (ulong)code.Length)
            {
                var start = (int)decoder.IP;
                decoder.Decode(out var instruction);
                if (instruction.IsInvalid)
                    throw new InvalidDataException($"{writer.Path}: what was assembled at {start} is no instruction");
                StringOutput text = new();
                formatter.Format(instruction, text);
                var bytes = string.Join(", ", code.AsSpan(start, instruction.Length).ToArray().Select(value => $"0x{value:X2}"));
                writer.Lines($"{bytes}, // {start:x4} {text.ToStringAndReset()}");
            }
        });
        writer.Lines("];");
    }
}
