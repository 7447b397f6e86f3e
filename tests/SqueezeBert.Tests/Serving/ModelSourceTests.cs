using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Serving;

/// <summary>A model of files in memory is the model of their folder.</summary>
public sealed class ModelSourceTests : IDisposable
{
    private const string Text = "the film was very good";
    private readonly ClassifierFolder _folder = new("squeezebert-encoder");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.txt")]
    public void BytesAndStreamsGiveTheBitsOfTheFolder(string vocabulary)
    {
        File.Delete(Path.Combine(_folder.Path, vocabulary == "vocab.txt" ? "tokenizer.json" : "vocab.txt"));
        using var onDisk = TextEmbedder.Load(_folder.Path);
        var expected = onDisk.Embed(Text);
        var files = Files();
        using (var fromBytes = TextEmbedder.Load(ModelSource.FromFiles(files, "resources"))) Check(fromBytes);
        var streams = files.ToDictionary(file => file.Key, file => (Stream)new MemoryStream(file.Value.ToArray()));
        using (var fromStreams = TextEmbedder.Load(ModelSource.FromFiles(streams, "resources")))
        {
            // They are the caller's, and have been read.
            foreach (var stream in streams.Values)
            {
                Assert.Equal(stream.Length, stream.Position);
                stream.Dispose();
            }

            Check(fromStreams);
        }

        void Check(TextEmbedder embedder)
        {
            var embedding = embedder.Embed(Text);
            Assert.Equal(expected.Vector.ToArray(), embedding.Vector.ToArray());
            Assert.Equal(expected.Read, embedder.Embed(Text).Read);
            Assert.Equal(onDisk.MaxLength, embedder.MaxLength);
            Assert.Equal(onDisk.Model.Fingerprint, embedder.Model.Fingerprint);
            Assert.Equal("resources", embedder.Model.Name);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0_Transformer")]
    public void WhatIsSaidOfVectorsIsReadFromTheFiles(string inner)
    {
        var encoder = Directory.CreateDirectory(Path.Combine(_folder.Path, inner)).FullName;
        if (inner.Length > 0)
        {
            foreach (var file in Directory.EnumerateFiles(_folder.Path)) File.Move(file, Path.Combine(encoder, Path.GetFileName(file)));
        }

        Write("modules.json", $$"""
            [{"idx":0,"name":"0","path":"{{inner}}","type":"sentence_transformers.models.Transformer"},
             {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
             {"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]
            """);
        Write("1_Pooling/config.json", """{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}""");
        Write("config_sentence_transformers.json", """{"prompts":{"query":"was "}}""");
        Write(inner + "/sentence_bert_config.json", """{"max_seq_length":17}""");
        using var onDisk = TextEmbedder.Load(_folder.Path);
        using var inMemory = TextEmbedder.Load(ModelSource.FromFiles(Files()));
        Assert.Equal(onDisk.Embed(Text, "query").Vector.ToArray(), inMemory.Embed(Text, "query").Vector.ToArray());
        Assert.Equal((SentencePooling.Cls, true, 17),
            (inMemory.Settings.Pooling, inMemory.Settings.Normalize, inMemory.Settings.MaxSequenceLength));
        Assert.Equal(onDisk.Model.Fingerprint, inMemory.Model.Fingerprint);
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("..")]
    [InlineData("/config.json")]
    [InlineData("a/../config.json")]
    [InlineData("a/b/config.json")]
    [InlineData("a\\config.json")]
    [InlineData("C:config.json")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("a\n")]
    public void ANameThatIsNoneOfAFileInAFolderIsRefused(string name)
    {
        var files = Files();
        files[name] = default;
        Assert.Contains("is not the plain name", Assert.Throws<ArgumentException>(() => ModelSource.FromFiles(files)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => ModelSource.FromFiles(new Dictionary<string, Stream> { [name] = Stream.Null }));
    }

    [Theory]
    [InlineData("config.json", "has no config.json", ErrorKind.Missing)]
    [InlineData("model.safetensors", "has no model.safetensors", ErrorKind.Missing)]
    [InlineData("vocabulary", "has neither tokenizer.json nor vocab.txt", ErrorKind.Missing)]
    public void AMissingFileIsNamed(string missing, string reason, ErrorKind kind)
    {
        var files = Files();
        string[] names = missing == "vocabulary" ? ["tokenizer.json", "vocab.txt"] : [missing];
        foreach (var name in names) Assert.True(files.Remove(name));
        var error = Assert.Throws<InvalidModelFileException>(() => InferenceModel.Load(ModelSource.FromFiles(files, "resources")));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(("resources", kind), (error.File, error.Kind));
    }

    [Fact]
    public void OtherWeightsAreRefusedByName()
    {
        var files = Files();
        Assert.True(files.Remove("model.safetensors", out var weights));
        files["pytorch_model.bin"] = weights;
        var error = Assert.Throws<InvalidModelFileException>(() => InferenceModel.Load(ModelSource.FromFiles(files)));
        Assert.Contains("pytorch_model.bin", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.Unsupported, error.Kind);
    }

    [Fact]
    public void DamagedBytesAreNamedByTheirFile()
    {
        var files = Files();
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
        {
            var damaged = new Dictionary<string, ReadOnlyMemory<byte>>(files) { [name] = "{\"x"u8.ToArray() };
            var error = Assert.Throws<InvalidModelFileException>(() => InferenceModel.Load(ModelSource.FromFiles(damaged, "m")));
            Assert.Equal($"m/{name}", error.File);
        }
    }

    [Fact]
    public void ThereIsABoundOnTheFiles()
    {
        var files = Enumerable.Range(0, 65).ToDictionary(i => $"file{i}", _ => ReadOnlyMemory<byte>.Empty);
        Assert.Contains("more than 64 files", Assert.Throws<ArgumentException>(() => ModelSource.FromFiles(files)).Message,
            StringComparison.Ordinal);
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder.Path, name.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private Dictionary<string, ReadOnlyMemory<byte>> Files() =>
        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(
            path => Path.GetRelativePath(_folder.Path, path).Replace('\\', '/'),
            path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path));
}
