using Iced.Intel;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>Machine code for instructions that the runtime has no methods for, as arrays of bytes beside their listing.</summary>
internal static class MachineCodeSources
{
    /// <summary>The word on the command line.</summary>
    internal const string Kind = "machine-code";

    private const string Folder = "Products/MachineCode", Int8Folder = "Products/Int8/MachineCode";

    /// <summary>
    /// As the panels of a matrix are wide, and so many rows that at most 24 registers hold sums; eight are enough to hide an instruction's
    /// latency.
    /// </summary>
    private static readonly (int Vectors, int Rows)[] VnniShapes = [(1, 8), (2, 8), (3, 8), (4, 6)];

    /// <summary>As the tiles in C# are (Tile1.cs to Tile4.cs), so that results are made of the same pieces.</summary>
    private static readonly (int Vectors, int Rows)[] FmaShapes = [(1, 12), (2, 12), (3, 8), (4, 6)];

    private static readonly string[] Numbers = ["one vector", "two vectors", "three vectors", "four vectors"];

    internal static IReadOnlyList<GeneratedFile> Generate() =>
    [
        .. VnniShapes.Select(shape => Tiles(
            Int8Folder, "VnniCode", "Tiles of bytes {0} wide, with 512-bit VNNI.", shape,
            rows => new VnniTile(shape.Vectors, rows).Assemble())),
        .. FmaShapes.Select(shape => Tiles(
            Folder, "FmaCode", "Tiles of float32 {0} wide, with 512-bit multiply-adds.", shape,
            rows => new FmaTile(shape.Vectors, rows).Assemble())),
        Write(Int8Folder, "AmxCode", "Tiles of bytes with AMX, and what must be done before and behind them.",
            [
                .. Enumerable.Range(1, Numbers.Length).Select(vectors => ($"Vectors{vectors}", new AmxTile(vectors).Assemble())),
                ("Configure", AmxTile.Configure()), ("Release", AmxTile.Release()), ("Request", AmxTile.Request()),
            ],
            writer => Choice(writer, "vectors", "Vectors", Numbers.Length)),
        Write(Folder, "ProcessorCode", "Machine code that queries the processor.",
            [("EnabledRegisters", ProcessorRoutines.EnabledRegisters()), ("Peak", ProcessorRoutines.Peak())], _ => { }),
        Write(Folder, "WindowsEntryCode", "Machine code with which Windows calls the other routines.",
            [("Bytes", WindowsEntry.Assemble())], _ => { }),
    ];

    private static GeneratedFile Tiles(
        string folder, string name, string summary, (int Vectors, int Rows) shape, Func<int, Assembler> assemble) => Write(
            folder, $"{name}{shape.Vectors}", summary.Replace("{0}", Numbers[shape.Vectors - 1], StringComparison.Ordinal),
            [.. Enumerable.Range(1, shape.Rows).Select(rows => ($"Rows{rows}", assemble(rows)))],
            writer => Choice(writer, "rows", "Rows", shape.Rows));

    /// <summary>A method that gives the code for a number of rows or vectors.</summary>
    private static void Choice(SourceWriter writer, string parameter, string name, int highest)
    {
        writer.Lines($"internal static ReadOnlySpan<byte> Of(int {parameter}) => {parameter} switch");
        writer.Lines("{");
        writer.Indented(() =>
        {
            for (var number = 1; number < highest; number++)
                writer.Lines($"{number} => {name}{number},");
            writer.Lines($"_ => {name}{highest},");
        });
        writer.Lines("};");
        writer.Lines("");
    }

    private static GeneratedFile Write(
        string folder, string name, string summary, IReadOnlyList<(string Name, Assembler Code)> routines, Action<SourceWriter> before)
    {
        SourceWriter writer = new(Kind, $"src/SqueezeBert/Kernels/{folder}/{name}.cs");
        writer.Lines($"""
            namespace SqueezeBert.Kernels.{folder.Replace('/', '.')};

            /// <summary>{summary}</summary>
            internal static class {name}
            """);
        writer.Block(() =>
        {
            before(writer);
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
