namespace SqueezeBert.Generate.Tiles;

/// <summary>
/// One microkernel of products of words, as <see cref="ByteTileSource"/> writes those of bytes: the exact sums of a tile of 16 columns by
/// up to <paramref name="rows"/> rows, four terms at a time.
/// </summary>
/// <param name="vectors">The vectors that hold 16 sums, 1 or 2.</param>
/// <param name="rows">The rows of the highest tile, 5 to 8.</param>
internal sealed class WordTileSource(int vectors, int rows)
{
    private const string Folder = "src/SqueezeBert/Kernels/Products/Int8/Microkernels";

    private readonly SourceWriter _writer = new(TileSources.Kind, $"{Folder}/WordTile{vectors}.cs");

    /// <summary>The whole file.</summary>
    internal GeneratedFile Write()
    {
        _writer.Lines($"""
            using System.Runtime.CompilerServices;
            using SqueezeBert.Kernels.Products.Microkernels;

            namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

            /// <summary>Tiles of words, {(vectors == 1 ? "one vector" : "two vectors")} wide and up to {rows} rows high.</summary>
            internal static unsafe class WordTile{vectors}<TSimd, TVector, TRows>
                where TSimd : struct, IWordSimd<TVector>
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
        _writer.Lines("""
            // A row of a is found from a pointer for each four rows, which takes fewer registers than one for each.
            nint row = t->ARowStride, row2 = row * 2, row3 = row * 3;
            byte* a0 = t->A, a4 = a0 + (row * 4), b = t->B;
            """);
        foreach (var v in Enumerable.Range(0, vectors))
            _writer.Lines($"var c0{v} = TSimd.Load((byte*)(t->Starts{(v == 0 ? "" : " + TSimd.Count")}));");
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
                _writer.Lines($"TVector e{v} = TSimd.Load(b{Bytes(v * 32)}), o{v} = TSimd.Load(b{Bytes(64 + (v * 32))});");
            _writer.Lines("TVector x, y;");
            EachRow(row =>
            [
                $"x = TSimd.Broadcast(*(int*)({Row(row)}));",
                $"y = TSimd.Broadcast(*(int*)({Row(row)} + 4));",
                .. EachVector(v => $"{Sum(row, v)} = TSimd.MultiplyAdd(x, y, e{v}, o{v}, {Sum(row, v)});"),
            ]);
            _writer.Lines("a0 += 8;");
            _writer.Lines("if (TRows.Value > 4) a4 += 8;");
            _writer.Lines("b += 128;");
        });
        _writer.Lines("");
        _writer.Lines("// Behind the scale of a row stands what its sums have too much, negated.");
        _writer.Lines("var target = t->C;");
        _writer.Lines("TVector start;");
        EachRow(row =>
        [
            .. row == 0 ? (string[])[] : ["target += t->CStride;"],
            $"start = TSimd.Broadcast(*(int*)({Row(row)} + sizeof(float)));",
            .. EachVector(v => $"TSimd.Store(target{(v == 0 ? "" : " + TSimd.Count")}, TSimd.Add({Sum(row, v)}, start));"),
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
            if (row + 1 < rows)
                _writer.Lines("");
        }
    }

    private IEnumerable<string> EachVector(Func<int, string> text) => Enumerable.Range(0, vectors).Select(text);

    private static string Row(int row) => $"a{row / 4 * 4}{(row % 4) switch { 0 => "", 1 => " + row", int n => $" + row{n}" }}";

    private static string Sum(int row, int vector) => $"c{row:X}{vector}";

    private static string Bytes(int offset) => offset == 0 ? "" : $" + {offset}";
}
