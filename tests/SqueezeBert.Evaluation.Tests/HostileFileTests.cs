using System.IO.Compression;
using System.Text;
using CsCheck;

namespace SqueezeBert.Evaluation.Tests;

/// <summary>Whatever the bytes are, a reader gives its data or the one exception that names the file.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const string Squad =
        """{"data":[{"paragraphs":[{"context":"a b","qas":[{"id":"1","question":"q","answers":[{"text":"b","answer_start":2}]}]}]}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("hostile").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFileCutOffAnywhereIsRefusedOrShorter()
    {
        for (var length = 0; length < Squad.Length; length++)
        {
            var cut = Encoding.UTF8.GetBytes(Squad[..length]);
            Assert.Throws<DataFormatException>(() => SquadReader.Read(new MemoryStream(cut), "cut.json"));
        }

        var path = Write("dev.json.gz", []);
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(Squad));
        Assert.Single(SquadReader.Read(path).Questions);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^9]);
        Assert.Throws<DataFormatException>(() => SquadReader.Read(path));
    }

    [Fact]
    public void ChangedBytesGiveDataOrTheDocumentedException() =>
        Gen.Select(Gen.Byte.Array[1, 4], Gen.Int[0, 200], Gen.Int[0, 3]).Sample((bytes, place, kind) =>
        {
            Action<string> read = kind switch
            {
                0 => path => SquadReader.Read(path),
                1 => path => ConllReader.Read(path),
                2 => path => GlueReader.Read(Task("QQP"), Path.GetDirectoryName(path)!, GlueSplit.Dev),
                _ => path => RetrievalReader.Read(Path.GetDirectoryName(path)!),
            };
            var folder = Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;
            var path = Path.Combine(folder, kind switch { 0 => "dev.json", 1 => "dev.txt", 2 => "dev.tsv", _ => "corpus.jsonl" });
            var content = Encoding.UTF8.GetBytes(kind switch
            {
                0 => Squad,
                1 => "EU B-ORG\nrejects O\n\nGerman B-MISC\n",
                2 => "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tA\tB\t1\n",
                _ => "{\"_id\":\"1\",\"title\":\"t\",\"text\":\"a\"}\n",
            });
            bytes.CopyTo(content, Math.Min(place, content.Length - bytes.Length));
            File.WriteAllBytes(path, content);
            File.WriteAllText(Path.Combine(folder, "queries.jsonl"), "{\"_id\":\"1\",\"text\":\"a\"}\n");
            Directory.CreateDirectory(Path.Combine(folder, "qrels"));
            File.WriteAllText(Path.Combine(folder, "qrels", "test.tsv"), "query-id\tcorpus-id\tscore\n1\t1\t1\n");
            try
            {
                read(path);
            }
            catch (DataFormatException exception)
            {
                Assert.Equal(path, exception.File);
            }
        }, iter: 300, threads: 1);

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x41, 0 }, "UTF-16")]
    [InlineData(new byte[] { 0x41, 0, 0x42, 0 }, "NUL")]
    [InlineData(new byte[] { 0x41, 0x20, 0xFF, 0x0A }, "not valid UTF-8")]
    public void OtherEncodingsAreRefused(byte[] bytes, string reason)
    {
        var path = Write("words.txt", bytes);
        Assert.Contains(reason, Assert.Throws<DataFormatException>(() => ConllReader.Read(path)).Message, StringComparison.Ordinal);
        var json = Write("dev.json", bytes);
        Assert.Contains(reason, Assert.Throws<DataFormatException>(() => SquadReader.Read(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HalvesOfSurrogatePairsArePartsOfTexts()
    {
        var json = """
            {"\ud800":1,"data":[{"paragraphs":[{"context":"\udc00 b","qas":[
              {"id":"\ud800","question":"q","answers":[{"text":"b","answer_start":2}]}]}]}]}
            """;
        var question = Assert.Single(SquadReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "half.json").Questions);
        Assert.Equal(("\ud800", "\udc00 b", 2), (question.Id, question.Context, question.Answers[0].Start));
    }

    [Fact]
    public void RowsOfRetrievalAreRefusedByFileAndLine()
    {
        Write("queries.jsonl", Encoding.UTF8.GetBytes("{\"_id\":\"1\",\"text\":\"a\"}\n"));
        Directory.CreateDirectory(Path.Combine(_folder, "qrels"));
        Write("qrels/test.tsv", Encoding.UTF8.GetBytes("query-id\tcorpus-id\tscore\n1\t1\t1\n1\t1\t1\n"));
        Refuses("{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"1\",\"text\":\"b\"}\n", "corpus.jsonl:2: the id '1' was there before");
        Refuses("{\"_id\":\"1\"}\n", "corpus.jsonl:1: no column 'text'");
        Refuses("[1]\n", "corpus.jsonl:1: a JSON object is needed");
        Refuses("", "there is no text");
        Refuses("{\"_id\":\"1\",\"text\":\"a\"}\n", "test.tsv:3: '1' was judged for '1' before");

        void Refuses(string corpus, string reason)
        {
            Write("corpus.jsonl", Encoding.UTF8.GetBytes(corpus));
            Assert.Contains(
                reason, Assert.Throws<DataFormatException>(() => RetrievalReader.Read(_folder)).Message, StringComparison.Ordinal);
        }
    }

    private static GlueTask Task(string name) => GlueTask.TryFind(name, out var task) ? task : throw new ArgumentException(name);

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
