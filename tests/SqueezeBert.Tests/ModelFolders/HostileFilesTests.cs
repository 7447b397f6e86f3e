using SqueezeBert.Checkpoints;
using SqueezeBert.Hub;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Tests.ModelFolders;

/// <summary>
/// What a hostile folder tries with its small files: depth, repetition, links. The weights' own tests are beside their readers'.
/// </summary>
public sealed class HostileFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Readers => ["config.json", "tokenizer.json", "tokenizer_config.json", "index", "modules.json", "list"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public void DeepAndRepetitiveJsonCostsLittle(string reader)
    {
        string[] files =
        [
            new string('[', 2_000_000),
            string.Concat(Enumerable.Repeat("{\"a\":", 400_000)),
            "{\"a\":" + new string('[', 63) + new string(']', 63) + "}",
            "{\"x\":[" + string.Concat(Enumerable.Repeat("0,", 400_000)) + "0]}",
            "{\"weight_map\":[" + string.Concat(Enumerable.Repeat("[],", 200_000)) + "[]]}",
            "{\"model_type\":\"bert\",\"x\":[" + string.Concat(Enumerable.Repeat("{},", 200_000)) + "{}]}",
            "{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"{i}\":0")) + "}",
            "{\"sha\":\"\",\"siblings\":[" + string.Concat(Enumerable.Repeat("1,", 400_000)) + "1]}",
            "\"" + new string('\\', 1_000_000) + "\"",
        ];
        foreach (var file in files)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(file);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(reader, bytes);
            }
            catch (Exception e) when (e is InvalidModelFileException or HubException)
            {
                Assert.DoesNotContain('\n', e.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (10L * bytes.Length) + (64 << 20));
        }
    }

    [Fact]
    public void AVocabularyOfLineFeedsCostsLittle()
    {
        var bytes = new byte[4_000_000];
        Array.Fill(bytes, (byte)'\n');
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidModelFileException>(() => BertTokenizer.FromVocabulary(new MemoryStream(bytes)));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (10L * bytes.Length) + (64 << 20));
    }

    [Theory]
    [InlineData("vocab.txt")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    public void ATokenizersLinkOutOfTheFolderIsRefused(string file)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("not every account may make symbolic links on Windows");
        var model = Directory.CreateDirectory(_folder.File("model")).FullName;
        var outside = Directory.CreateDirectory(_folder.File("outside")).FullName;
        BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]).Save(model);
        BertTokenizer.Load(model);
        if (file == "vocab.txt") File.Delete(Path.Combine(model, "tokenizer.json"));
        File.Move(Path.Combine(model, file), Path.Combine(outside, file));
        File.CreateSymbolicLink(Path.Combine(model, file), Path.Combine("..", "outside", file));

        Assert.Contains("is a link out of the model's folder",
            Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(model)).Message, StringComparison.Ordinal);
    }

    private static void Read(string reader, byte[] bytes)
    {
        switch (reader)
        {
            case "config.json":
                ModelConfiguration.Parse(bytes, reader);
                break;
            case "tokenizer.json":
                TokenizerJsonReader.Parse(bytes, reader);
                break;
            case "tokenizer_config.json":
                TokenizerConfigReader.Parse(bytes, reader);
                break;
            case "index":
                ShardedTensors.ParseIndex(bytes, reader);
                break;
            case "modules.json":
                SentenceModules.Parse(bytes, reader);
                break;
            default:
                HubListing.Parse(ModelReference.Parse("owner/name"), bytes);
                break;
        }
    }
}
