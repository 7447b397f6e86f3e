using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.ModelFolders.Onnx;

/// <summary>Pipelines on an ONNX file: the same answers, bit by bit, as on the checkpoint that it was made of.</summary>
public class OnnxPipelineTests
{
    private const string Text = "The film was very good.";

    [Fact]
    public void AClassifierHasTheLabelsOfConfigJsonAndTheSameScores()
    {
        using var checkpoint = new ClassifierFolder("squeezebert-sequence-classification");
        using var folder = Exported(checkpoint.Path, "config.json");
        using TextClassifier expected = TextClassifier.Load(checkpoint.Path), actual = TextClassifier.Load(folder.File("model.onnx"));
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(expected.Classify(Text).Labels, actual.Classify(Text).Labels);
    }

    [Fact]
    public void AnEmbedderNeedsToBeToldThePooling()
    {
        using var checkpoint = new ClassifierFolder("bert-encoder");
        using var folder = Exported(checkpoint.Path);
        foreach (var path in (string[])[folder.Path, folder.File("model.onnx")])
        {
            var error = Assert.Throws<InvalidModelFileException>(() => TextEmbedder.Load(path));
            Assert.Contains("TextEmbedderOptions.Pooling (--pooling)", error.Message, StringComparison.Ordinal);
            var options = new TextEmbedderOptions { Pooling = SentencePooling.Mean };
            using TextEmbedder expected = TextEmbedder.Load(checkpoint.Path, options), actual = TextEmbedder.Load(path, options);
            Assert.True(expected.Embed(Text).Vector.Span.SequenceEqual(actual.Embed(Text).Vector.Span));
        }
    }

    [Fact]
    public void AnEmbedderTakesThePoolingOfTheFilesBesideIt()
    {
        using var checkpoint = new ClassifierFolder("bert-encoder");
        using var folder = Exported(checkpoint.Path);
        File.WriteAllText(
            folder.File("modules.json"),
            """[{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("1_Pooling/config.json"), """{"pooling_mode":"cls"}""");
        using var embedder = TextEmbedder.Load(folder.File("model.onnx"));
        Assert.Equal(SentencePooling.Cls, embedder.Settings.Pooling);
        Assert.Equal(folder.File("model.onnx"), embedder.Settings.ModelPath);
    }

    [Fact]
    public void AVocabularyMayHaveTheLineEndsOfWindows()
    {
        using var checkpoint = new ClassifierFolder("bert-encoder");
        using var folder = Exported(checkpoint.Path);
        var options = new TextEmbedderOptions { Pooling = SentencePooling.Max };
        using var expected = TextEmbedder.Load(folder.Path, options);
        using var other = Exported(checkpoint.Path);
        File.WriteAllText(other.File("vocab.txt"), File.ReadAllText(other.File("vocab.txt")).ReplaceLineEndings("\r\n"));
        using var actual = TextEmbedder.Load(other.Path, options);
        Assert.True(expected.Embed(Text).Vector.Span.SequenceEqual(actual.Embed(Text).Vector.Span));
    }

    /// <summary>A folder with the model as ONNX, its vocabulary and these files.</summary>
    private static TemporaryFolder Exported(string checkpoint, params string[] files)
    {
        var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(checkpoint);
        OnnxRoundTripTests.Save(folder, original);
        foreach (var name in files.Append("vocab.txt")) File.Copy(Path.Combine(checkpoint, name), folder.File(name));
        return folder;
    }
}
