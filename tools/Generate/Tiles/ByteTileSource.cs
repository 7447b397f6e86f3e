namespace SqueezeBert.Generate.Tiles;

/// <summary>
/// One microkernel of products of bytes, as <see cref="TileSource"/> writes those of float32: the exact sums of a tile of
/// <paramref name="vectors"/> vectors by up to <paramref name="rows"/> rows, four terms at a time.
/// </summary>
/// <param name="vectors">The width of the tile, 1 to 4.</param>
/// <param name="rows">The rows of the highest tile, 4 to 15: names have one hexadecimal digit for a row.</param>
internal sealed class ByteTileSource(int vectors, int rows)
{
    private const string Folder = "src/SqueezeBert/Kernels/Products/Int8/Microkernels";

    private static readonly string[] Numbers = ["one vector", "two vectors", "three vectors", "four vectors"];

    private readonly SourceWriter _writer = new(TileSources.Kind, $"{Folder}/ByteTile{vectors}.cs");

    /// <summary>The whole file.</summary>
    internal GeneratedFile Write()
    {
        _writer.Lines($"""
            using System.Runtime.CompilerServices;
            using SqueezeBert.Kernels.Products.Microkernels;

            namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

            /// <summary>Tiles {Numbers[vectors - 1]} wide and up to {rows} rows high: {vectors * rows} sums in registers.</summary>
            internal static unsafe class ByteTile{vectors}<TSimd, TVector, TRows>
                where TSimd : struct, IByteSimd<TVector>
                where TVector : struct
                where TRows : struct, IRows
            """);
        _writer.Block(() =>
        {
            _writer.Lines("""
                /// <inheritdoc cref="ByteTileArguments"/>
                [MethodImpl(LeafKernel.Compilation)]
                public static void Run(ByteTileArguments* t)
                """);
            _writer.Block(Body);
        });
        return _writer.ToFile();
    }

    private void Body()
    {
        if (vectors > 1)
        {
            var multiples = string.Concat(Enumerable.Range(2, vectors - 2).Select(v => $", w{v} = w * {v}"));
            _writer.Lines($"{(vectors == 2 ? "var" : "int")} w = TSimd.Count{multiples};");
            _writer.Lines("");
        }

        var pointers = Enumerable.Range(1, (rows - 1) / 4).Select(n => n * 4).ToList();
        _writer.Lines($"""
            // A row of a is found from a pointer for each four rows, which takes fewer registers than one for each.
            nint row = t->ARowStride, row2 = row * 2, row3 = row * 3, bStep = t->BStep;
            byte* a0 = t->A{string.Concat(pointers.Select(p => $", a{p} = a{p - 4} + (row * 4)"))}, b = t->B;
            var starts = t->Starts;
            """);
        foreach (var v in Enumerable.Range(0, vectors))
            _writer.Lines($"var c0{v} = TSimd.Start(starts{Offset(v)});");
        for (var row = 1; row < rows; row++)
            _writer.Lines($"TVector {string.Join(", ", EachVector(v => $"{Sum(row, v)} = c0{v}"))};");
        _writer.Lines("""
            var next = t->Prefetch;
            var nextStep = t->PrefetchStep;
            for (var k = t->Quads; k > 0; k--)
            """);
        _writer.Block(() =>
        {
            _writer.Lines("TSimd.Prefetch(next);");
            _writer.Lines("next += nextStep;");
            foreach (var v in Enumerable.Range(0, vectors))
            {
                _writer.Lines(
                    $"TVector b{v} = TSimd.Load(b{ByteOffset(v)}), e{v} = TSimd.EvenWeights(b{v}), o{v} = TSimd.OddWeights(b{v});");
            }

            _writer.Lines("TVector x, even, odd;");
            EachRow(row =>
            [
                $"x = TSimd.Broadcast(a{row / 4 * 4}{(row % 4) switch { 0 => "", 1 => " + row", int n => $" + row{n}" }});",
                "even = TSimd.Even(x);",
                "odd = TSimd.Odd(x);",
                .. EachVector(v => $"{Sum(row, v)} = TSimd.MultiplyAdd(even, odd, e{v}, o{v}, {Sum(row, v)});"),
            ]);
            _writer.Lines("a0 += 4;");
            foreach (var pointer in pointers)
                _writer.Lines($"if (TRows.Value > {pointer}) a{pointer} += 4;");
            _writer.Lines("b += bStep;");
        });
        _writer.Lines("");
        _writer.Lines("var target = t->C;");
        EachRow(row =>
        [
            .. row == 0 ? (string[])[] : ["target += t->CStride;"],
            .. EachVector(v => $"TSimd.Store(target{Offset(v)}, {Sum(row, v)});"),
        ]);
    }

    private void EachRow(Func<int, IEnumerable<string>> statements)
    {
        foreach (var statement in statements(0))
            _writer.Lines(statement);
        for (var row = 1; row < rows; row++)
        {
            _writer.Lines($"if (TRows.Value > {row})");
            var current = row;
            _writer.Block(() =>
            {
                foreach (var statement in statements(current))
                    _writer.Lines(statement);
            });
            if (row + 1 == rows)
                continue;
            _writer.Lines("");
        }
    }

    private IEnumerable<string> EachVector(Func<int, string> text) => Enumerable.Range(0, vectors).Select(text);

    private static string Sum(int row, int vector) => $"c{row:X}{vector}";

    private static string Offset(int vector) => vector switch { 0 => "", 1 => " + w", _ => $" + w{vector}" };

    private static string ByteOffset(int vector) => vector switch { 0 => "", 1 => " + (w * 4)", _ => $" + (w{vector} * 4)" };
}
