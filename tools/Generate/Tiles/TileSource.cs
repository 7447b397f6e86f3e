namespace SqueezeBert.Generate.Tiles;

/// <summary>
/// One microkernel: the sums of a tile of <paramref name="vectors"/> vectors by up to <paramref name="rows"/> rows. Sums are locals and
/// nothing is called, or the just-in-time compiler would keep them in memory; rows are a type parameter, so that it drops unused ones.
/// </summary>
/// <param name="vectors">The width of the tile, 1 to 4.</param>
/// <param name="rows">The rows of the highest tile, 4 to 15: names have one hexadecimal digit for a row.</param>
internal sealed class TileSource(int vectors, int rows)
{
    private static readonly string[] Numbers = ["one vector", "two vectors", "three vectors", "four vectors"];

    private readonly SourceWriter _writer = new(TileSources.Kind, $"{TileSources.Folder}/Tile{vectors}.cs");

    /// <summary>The whole file.</summary>
    internal GeneratedFile Write()
    {
        _writer.Lines($"""
            using System.Runtime.CompilerServices;

            namespace {TileSources.Namespace};

            /// <summary>Tiles {Numbers[vectors - 1]} wide and up to {rows} rows high: {vectors * rows} sums in registers.</summary>
            internal static unsafe class Tile{vectors}<TSimd, TVector, TRows>
                where TSimd : struct, ISimd<TVector>
                where TVector : struct
                where TRows : struct, IRows
            """);
        _writer.Block(() =>
        {
            _writer.Lines("""
                /// <inheritdoc cref="TileArguments"/>
                [MethodImpl(LeafKernel.Compilation)]
                public static void Run(TileArguments* t)
                """);
            _writer.Block(Body);
        });
        return _writer.ToFile();
    }

    private void Body()
    {
        Locals();
        _writer.Lines("");
        When("t->Accumulate", () =>
        {
            _writer.Lines("var c = t->C;");
            EachRow(row => [.. Next("c", "CStride", row), .. EachVector(v => $"{Sum(row, v)} = TSimd.Load(c{Offset(v)});")]);
        });
        Products();
        _writer.Lines("");
        When("t->Bias is not null", () =>
        {
            _writer.Lines("var bias = t->Bias;");
            _writer.Lines($"{Type("TVector", vectors)} {Columns("bias")};");
            EachRow(row => EachVector(v => $"{Sum(row, v)} = TSimd.Add({Sum(row, v)}, b{v});"));
        });
        When("t->Residual is not null", () =>
        {
            _writer.Lines("var residual = t->Residual;");
            EachRow(row =>
            [
                .. Next("residual", "ResidualStride", row),
                .. EachVector(v => $"{Sum(row, v)} = TSimd.Add({Sum(row, v)}, TSimd.Load(residual{Offset(v)}));"),
            ]);
        });
        _writer.Lines("var target = t->C;");
        EachRow(row => [.. Next("target", "CStride", row), .. EachVector(v => $"TSimd.Store(target{Offset(v)}, {Sum(row, v)});")]);
    }

    private void Locals()
    {
        if (vectors > 1)
        {
            var multiples = string.Concat(Enumerable.Range(2, vectors - 2).Select(v => $", w{v} = w * {v}"));
            _writer.Lines($"{Type("int", vectors - 1)} w = TSimd.Count{multiples};");
            _writer.Lines("");
        }

        var pointers = RowPointers();
        _writer.Lines($"""
            // A row of a is found from a pointer for each four rows, which takes fewer registers than one for each.
            nint row = t->ARowStride, row2 = row * 2, row3 = row * 3, aStep = t->AStep, bStep = t->BStep;
            float* a0 = t->A{string.Concat(pointers.Select(p => $", a{p} = a{p - 4} + (row * 4)"))}, b = t->B;
            """);
        for (var row = 0; row < rows; row++)
            _writer.Lines($"TVector {string.Join(", ", EachVector(v => $"{Sum(row, v)} = default"))};");
    }

    private void Products()
    {
        _writer.Lines("""
            var next = t->Prefetch;
            var nextStep = t->PrefetchStep;
            for (var k = t->K; k > 0; k--)
            """);
        _writer.Block(() =>
        {
            _writer.Lines("TSimd.Prefetch(next);");
            _writer.Lines("next += nextStep;");
            _writer.Lines($"TVector {Columns("b")}, x;");
            EachRow(row =>
            [
                $"x = TSimd.Broadcast(a{row / 4 * 4}{(row % 4) switch { 0 => "", 1 => " + row", int n => $" + row{n}" }});",
                .. EachVector(v => $"{Sum(row, v)} = TSimd.MultiplyAdd(x, b{v}, {Sum(row, v)});"),
            ]);
            _writer.Lines("a0 += aStep;");
            foreach (var pointer in RowPointers())
                _writer.Lines($"if (TRows.Value > {pointer}) a{pointer} += aStep;");
            _writer.Lines("b += bStep;");
        });
    }

    private void When(string condition, Action content)
    {
        _writer.Lines($"if ({condition})");
        _writer.Block(content);
        _writer.Lines("");
    }

    /// <summary>Writes the statements of all rows, each but the first under its condition: on one line where every row has room.</summary>
    private void EachRow(Func<int, IEnumerable<string>> statements)
    {
        foreach (var statement in statements(0))
            _writer.Lines(statement);
        string[] lines = [.. Enumerable.Range(1, rows - 1).Select(row => $"{Condition(row)} {{ {string.Join(' ', statements(row))} }}")];
        var isOneLine = lines.All(line => line.Length <= _writer.FreeColumns);
        for (var row = 1; row < rows; row++)
        {
            if (isOneLine)
            {
                _writer.Lines(lines[row - 1]);
                continue;
            }

            _writer.Lines(Condition(row));
            _writer.Block(() =>
            {
                foreach (var statement in statements(row))
                    _writer.Lines(statement);
            });
        }

        static string Condition(int row) => $"if (TRows.Value > {row})";
    }

    /// <summary>The pointers to rows of a behind the first, by the row that they point to.</summary>
    private IEnumerable<int> RowPointers() => Enumerable.Range(1, (rows - 1) / 4).Select(n => n * 4);

    private IEnumerable<string> EachVector(Func<int, string> text) => Enumerable.Range(0, vectors).Select(text);

    private string Columns(string pointer) => string.Join(", ", EachVector(v => $"b{v} = TSimd.Load({pointer}{Offset(v)})"));

    /// <summary>The type in a declaration of so many locals: only a single one can be var.</summary>
    private static string Type(string type, int count) => count == 1 ? "var" : type;

    private static string[] Next(string pointer, string stride, int row) => row == 0 ? [] : [$"{pointer} += t->{stride};"];

    private static string Sum(int row, int vector) => $"c{row:X}{vector}";

    private static string Offset(int vector) => vector switch { 0 => "", 1 => " + w", _ => $" + w{vector}" };
}
