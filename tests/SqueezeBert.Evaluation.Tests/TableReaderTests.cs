using System.IO.Compression;
using System.Text;
using CsCheck;

namespace SqueezeBert.Evaluation.Tests;

public sealed class TableReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("squeezebert-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void RawTabsKeepQuotesAsText()
    {
        var rows = Rows("\uFEFFsentence\tlabel\r\nhe said \"no\ttrue\r\n\"quoted\"\t1\n\nlast\t0", TableFormat.Tsv);
        Assert.Equal(["he said \"no", "\"quoted\"", "last"], rows.Select(row => row["sentence"]));
        Assert.Equal(["true", "1", "0"], rows.Select(row => row["label"]));
        Assert.Equal([2, 3, 5], rows.Select(row => row.Line));
    }

    [Fact]
    public void CsvFollowsRfc4180()
    {
        var rows = Rows("text,label\r\n\"a, \"\"b\"\"\r\nc\",x\r\nplain,\"\"\r\n", TableFormat.Csv);
        Assert.Equal("a, \"b\"\r\nc", rows[0]["text"]);
        Assert.Equal(2, rows[0].Line);
        Assert.Equal(4, rows[1].Line);
        Assert.Equal("", rows[1]["label"]);
    }

    [Fact]
    public void QuotedTabsUnderstandQuotes() => Assert.Equal("a\tb", Rows("text\tn\n\"a\tb\"\t1\n", TableFormat.QuotedTsv)[0]["text"]);

    [Fact]
    public void JsonLinesHaveTheirOwnColumns()
    {
        var rows =
            Rows("""{"text":"a\u00e9\ud83d\ude00","n":1.50,"none":null,"list":[1, 2]}""" + "\n\n"
                + """{"text":"lone \ud800 \" \\ \n","n":true}""", TableFormat.JsonLines);
        Assert.Equal("aé😀", rows[0]["text"]);
        Assert.Equal("1.50", rows[0]["n"]);
        Assert.Equal("", rows[0]["none"]);
        Assert.Equal("[1, 2]", rows[0]["list"]);
        Assert.Equal("lone \ud800 \" \\ \n", rows[1]["text"]);
        Assert.Equal("true", rows[1]["n"]);
        Assert.Equal(3, rows[1].Line);
        Assert.Equal(["text", "n"], rows[1].Columns);
    }

    [Fact]
    public void LinesAreTextsEmptyOnesToo()
    {
        Assert.Equal(["a", "", "b\u2028c\td"], Rows("a\n\r\nb\u2028c\td", TableFormat.Lines).Select(row => row["text"]));
        Assert.Equal(["a"], Rows("a\n", TableFormat.Lines).Select(row => row["text"]));
        Assert.Empty(Rows("", TableFormat.Lines));
    }

    [Theory]
    [InlineData(TableFormat.Tsv)]
    [InlineData(TableFormat.QuotedTsv)]
    public void WithoutAHeaderColumnsAreNumbered(TableFormat format)
    {
        var rows = Rows("gj04\t1\t\tA text.\nclc95\t0\t*\tOther.\n", new TableOptions { Format = format, HasHeader = false });
        Assert.Equal(["A text.", "Other."], rows.Select(row => row["3"]));
        Assert.Equal([1, 2], rows.Select(row => row.Line));
    }

    [Theory]
    [InlineData("x.tsv", TableFormat.Tsv)]
    [InlineData("x.TSV.GZ", TableFormat.Tsv)]
    [InlineData("a.b/x.csv", TableFormat.Csv)]
    [InlineData("x.jsonl.gz", TableFormat.JsonLines)]
    [InlineData("x.ndjson", TableFormat.JsonLines)]
    [InlineData("x.txt", TableFormat.Lines)]
    [InlineData("x", null)]
    [InlineData("-", null)]
    public void TheExtensionTellsTheFormat(string path, TableFormat? format) => Assert.Equal(format, TableFormats.FromPath(path));

    [Fact]
    public void EveryFormatHasAName()
    {
        Assert.Equal(Enum.GetValues<TableFormat>(),
            TableFormats.Names.Select(name => TableFormats.TryParse(name, out var format) ? format : (TableFormat)(-1)));
        Assert.False(TableFormats.TryParse("xls", out _));
    }

    [Theory]
    [InlineData("data.tsv.gz")]
    [InlineData("data.tsv")]
    public void GzipIsKnownByItsFirstBytes(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, Gzip("text\tlabel\na\t1\n"));
        using var reader = TableReader.Open(path);
        Assert.Equal("a", reader.Read()!["text"]);
        Assert.Null(reader.Read());
    }

    [Fact]
    public void GzipOnAPipeIsKnownToo()
    {
        using var reader = new TableReader(new OneByteStream(Gzip("a\nb\n")), "standard input",
            new TableOptions { Format = TableFormat.Lines });
        Assert.Equal(["a", "b"], reader.ReadRows(TestContext.Current.CancellationToken).Select(row => row["text"]));
    }

    [Fact]
    public void DamagedGzipIsAnError()
    {
        var bytes = Gzip(string.Concat(Enumerable.Range(0, 300).Select(number => $"row {number * 7919 % 5003}\n")));
        var options = new TableOptions { Format = TableFormat.Lines };
        Assert.Equal(300, Rows(bytes, options).Count);
        Assert.Equal(600, Rows([.. bytes, .. bytes], options).Count);
        for (var length = 2; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            var error = Assert.Throws<DataFormatException>(() => Rows(cut, options));
            Assert.True(error.Reason.Contains("damaged or cut off", StringComparison.Ordinal)
                || error.Reason.Contains("not valid UTF-8", StringComparison.Ordinal), error.Message);
        }

        bytes[^5] ^= 1;
        Assert.Contains("damaged or cut off", Assert.Throws<DataFormatException>(() => Rows(bytes, options)).Message,
            StringComparison.Ordinal);
        var path = Path.Combine(_folder.FullName, "plain.txt.gz");
        File.WriteAllText(path, "plain");
        Assert.Contains("not gzip", Assert.Throws<DataFormatException>(() => TableReader.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\tb\n1\t2\n1\t2\t3\n", TableFormat.Tsv, 3, "3 fields where the header has 2")]
    [InlineData("a,b\n1,2\n1\n", TableFormat.Csv, 3, "1 fields")]
    [InlineData("a,b\n1,2\n\"x,2\n3,4\n", TableFormat.Csv, 3, "never closed")]
    [InlineData("a,b\n\"x\"y,2\n", TableFormat.Csv, 2, "after the closing quote")]
    [InlineData("a,b\nx \"y\",2\n", TableFormat.Csv, 2, "a quote inside a field")]
    [InlineData("{\"a\":1}\n{\"a\":\n", TableFormat.JsonLines, 2, "invalid JSON at byte")]
    [InlineData("[1]\n", TableFormat.JsonLines, 1, "a JSON object is needed, not an array")]
    [InlineData("{\"a\":1} x\n", TableFormat.JsonLines, 1, "invalid JSON")]
    public void AMalformedRowNamesFileAndLine(string text, TableFormat format, long line, string reason)
    {
        var error = Assert.Throws<DataFormatException>(() => Rows(text, format));
        Assert.Equal(("data", line), (error.File, error.Line));
        Assert.StartsWith($"data:{line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InvalidUtf8NamesTheLine()
    {
        var error =
            Assert.Throws<DataFormatException>(() => Rows(
                [.. "a\nb\n"u8, 0xC3, 0x28, (byte)'\n'], new TableOptions { Format = TableFormat.Lines }));
        Assert.Equal(3, error.Line);
        Assert.Contains("not valid UTF-8", error.Message, StringComparison.Ordinal);
        Assert.Contains("UTF-16",
            Assert.Throws<DataFormatException>(() => Rows([0xFF, 0xFE, (byte)'a', 0, (byte)'\n', 0],
                new TableOptions { Format = TableFormat.Lines })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingColumnListsTheNearestFirst()
    {
        using var reader = Reader("label,sentence1,text\n1,a,b\n"u8.ToArray(), new TableOptions { Format = TableFormat.Csv });
        var error = Assert.Throws<DataFormatException>(() => reader.RequireColumn("sentence"));
        Assert.Equal("data: no column 'sentence'; columns: 'sentence1', 'text', 'label'", error.Message);
        reader.RequireColumn("text");

        var row = Assert.Single(Rows("{\"tekst\":\"a\"}", TableFormat.JsonLines));
        Assert.Equal("data:1: no column 'text'; columns: 'tekst'", Assert.Throws<DataFormatException>(() => row["text"]).Message);
        Assert.Contains("more than one", Assert.Throws<DataFormatException>(() => Rows("a,a\n1,2\n", TableFormat.Csv)[0]["a"]).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void LongRecordsAreRefused()
    {
        var options = new TableOptions { Format = TableFormat.Lines, MaximumRecordBytes = 10 };
        Assert.Equal(["0123456789", "0123456789", "x"],
            Rows("0123456789\r\n0123456789\nx"u8.ToArray(), options).Select(row => row["text"]));
        Assert.Equal(2, Assert.Throws<DataFormatException>(() => Rows("x\n01234567890\n"u8.ToArray(), options)).Line);
        Assert.Equal(
            2, Assert.Throws<DataFormatException>(() => Rows(Encoding.UTF8.GetBytes("x\n" + new string('a', 100_000)), options)).Line);
        var open =
            Assert.Throws<DataFormatException>(() => Rows(
                "a,b\n\"01\n23\n45\n67\n89\n01\n"u8.ToArray(), options with { Format = TableFormat.Csv }));
        Assert.Equal(2, open.Line);
        Assert.Contains("longer than 10 bytes", open.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFilesAndUnknownFormatsSayWhatToDo()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "train.tsv"), "a\n");
        var missing = Assert.Throws<FileNotFoundException>(() => TableReader.Open(Path.Combine(_folder.FullName, "trian.tsv")));
        Assert.Contains($"did you mean '{Path.Combine(_folder.FullName, "train.tsv")}'?", missing.Message, StringComparison.Ordinal);
        var far = Assert.Throws<FileNotFoundException>(() => TableReader.Open(Path.Combine(_folder.FullName, "reviews.csv")));
        Assert.EndsWith("no such file", far.Message, StringComparison.Ordinal);
        var folder = Path.Combine(_folder.FullName, "elsewhere");
        var lost = Assert.Throws<FileNotFoundException>(() => TableReader.Open(Path.Combine(folder, "train.tsv")));
        Assert.EndsWith($"(there is no folder '{folder}')", lost.Message, StringComparison.Ordinal);
        Assert.Contains("name it (tsv, quoted-tsv, csv, jsonl, lines)",
            Assert.Throws<DataFormatException>(() => TableReader.Open("x.dat")).Message, StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Throws<DataFormatException>(() => Rows("", TableFormat.Csv)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TableFormat.Csv)]
    [InlineData(TableFormat.QuotedTsv)]
    public void WhatIsWrittenIsReadAgain(TableFormat format) =>
        Gen.String[Gen.Char["ab ,\t\"\n\ré😀"], 0, 12].Array[2, 4].Array[1, 5].Sample(table =>
        {
            var width = table.Min(fields => fields.Length);
            using var text = new StringWriter();
            using (var writer = new TableWriter(text, format, leaveOpen: true))
            {
                writer.WriteHeader(Enumerable.Range(0, width).Select(column => $"c{column}"));
                foreach (var fields in table)
                    writer.WriteRow([.. fields.Take(width).Select((field, column) => new TableField($"c{column}", WellFormed(field)))]);
            }

            var rows = Rows(text.ToString(), format);
            Assert.Equal(table.Select(fields => fields.Take(width).Select(WellFormed)), rows.Select(row => row.Fields));
        });

    [Fact]
    public void RowsPassThroughWithColumnsAdded()
    {
        Assert.Equal("a\tb\tlabel\n\"x\t\ty\n", PassThrough("a\tb\n\"x\t\n", TableFormat.Tsv));
        Assert.Equal("a,b,label\n\"x,1\",2,y\n", PassThrough("a,b\n\"x,1\",\"2\"\n", TableFormat.Csv));
        Assert.Equal("{\"a\":1.50,\"é\":\"<x>\",\"label\":\"y\"}\n",
            PassThrough("{\"a\": 1.50, \"label\": 3, \"é\": \"<x>\"}\n", TableFormat.JsonLines));
        Assert.Equal("x\ty\n", PassThrough("x\n", TableFormat.Lines));
    }

    [Fact]
    public void RawTextCannotHoldATab()
    {
        using var text = new StringWriter();
        using var writer = new TableWriter(text, TableFormat.Tsv);
        Assert.Throws<ArgumentException>(() => writer.WriteRow(new TableField("a", "x\ty")));
    }

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string PassThrough(string input, TableFormat format)
    {
        using var reader = Reader(Encoding.UTF8.GetBytes(input), new TableOptions { Format = format });
        using var text = new StringWriter();
        using (var writer = new TableWriter(text, format, leaveOpen: true))
        {
            if (reader.HasHeader) writer.WriteHeader([.. reader.Columns!, "label"]);
            while (reader.Read() is { } row) writer.WriteRow(row, new TableField("label", "y"));
        }

        return text.ToString();
    }

    private static List<Row> Rows(string text, TableFormat format) => Rows(text, new TableOptions { Format = format });

    private static List<Row> Rows(string text, TableOptions options) => Rows(Encoding.UTF8.GetBytes(text), options);

    private static List<Row> Rows(byte[] bytes, TableOptions options)
    {
        using var reader = Reader(bytes, options);
        return [.. reader.ReadRows()];
    }

    private static TableReader Reader(byte[] bytes, TableOptions options) => new(new OneByteStream(bytes), "data", options);

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    /// <summary>Gives little at a time and cannot seek, as a pipe.</summary>
    private sealed class OneByteStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);
    }
}
