using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Pipelines.Embedding;

namespace SqueezeBert.Onnx.Tests;

/// <summary>Vectors of texts made inside the graph, as Optimum's exports of sentence-transformers make them.</summary>
public class SentenceExportTests
{
    public static TheoryData<SentencePooling, bool, int> Cases
    {
        get
        {
            var data = new TheoryData<SentencePooling, bool, int>();
            foreach (var pooling in Enum.GetValues<SentencePooling>())
            {
                foreach (var set in (int[])[OnnxOptions.MinOperatorSet, OnnxOptions.Default.OperatorSet, 13, OnnxOptions.MaxOperatorSet])
                {
                    data.Add(pooling, true, set);
                    data.Add(pooling, false, set);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheVectorIsThatOfTheLibrary(SentencePooling pooling, bool normalize, int set)
    {
        Runtime.SkipWithout();
        using var model = new SmallModel("bert", ModelHead.None);
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"),
            new OnnxOptions { Pooling = pooling, Normalize = normalize, OperatorSet = set });
        SameVectors(model, pooling, normalize);
    }

    [Theory]
    [InlineData(SentencePooling.Cls, true)]
    [InlineData(SentencePooling.Mean, false)]
    public void ThePoolingIsThatOfModulesJson(SentencePooling pooling, bool normalize)
    {
        Runtime.SkipWithout();
        using var model = new SmallModel("distilbert", ModelHead.None);
        SentenceFilesWriter.WriteModules(model.Path,
            new SentenceEncoderSettings { ModelPath = model.Path, Pooling = pooling, Normalize = normalize }, 24);
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
        SameVectors(model, pooling, normalize);
    }

    [Theory]
    [InlineData("static", true)]
    [InlineData("static, shared rows", false)]
    public void AStaticModelMakesVectorsByItself(string name, bool normalize)
    {
        Runtime.SkipWithout();
        using var model = new SmallModel(name, ModelHead.None);
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
        SameVectors(model, SentencePooling.Mean, normalize);
    }

    [Fact]
    public void ATextWithoutTokensHasTheVectorZero()
    {
        Runtime.SkipWithout();
        using var model = new SmallModel("static", ModelHead.None);
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
        using var session = Runtime.Open(model.File("onnx/model.onnx"));
        var vectors = Runtime.Run(session, new ModelBatch([2, 2], [3, 4, 5, 6], [1, 1, 0, 0], [0, 0, 0, 0]))[OnnxExport.SentenceEmbedding];
        Assert.Contains(vectors.Take(12), value => value != 0);
        Assert.All(vectors.Skip(12), value => Assert.Equal(0, value));
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var classifier = new SmallModel("bert", ModelHead.SequenceClassification);
        var path = classifier.File("refused.onnx");
        Assert.Contains("BertForSequenceClassification", Assert.Throws<ArgumentException>(
            () => classifier.Folder.SaveOnnx(path, new OnnxOptions { Pooling = SentencePooling.Mean })).Message, StringComparison.Ordinal);
        using var encoder = new SmallModel("bert", ModelHead.None);
        Assert.Throws<ArgumentException>(() => encoder.Folder.SaveOnnx(path, new OnnxOptions { Normalize = true }));
        foreach (var options in (OnnxOptions[])[new() { OperatorSet = OnnxOptions.MinOperatorSet - 1 },
            new() { OperatorSet = OnnxOptions.MaxOperatorSet + 1 }, new() { ExternalDataThreshold = -1 },
            new() { Pooling = (SentencePooling)99 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Folder.SaveOnnx(path, options));
        Assert.False(File.Exists(path));
    }

    private static void SameVectors(SmallModel model, SentencePooling pooling, bool normalize)
    {
        using var engine = ModelLoader.Load(model.Folder);
        using var session = Runtime.Open(model.File("onnx/model.onnx"));
        Assert.Equal([OnnxExport.TokenEmbeddings, OnnxExport.SentenceEmbedding], session.OutputNames);
        foreach (var batch in ModelBatch.Several(hasChoices: false))
        {
            var hidden = batch.Ours(engine, [OutputNames.LastHiddenState])[OutputNames.LastHiddenState];
            var theirs = Runtime.Run(session, batch);
            ModelBatch.Near(batch.Kept(hidden, true), batch.Kept(theirs[OnnxExport.TokenEmbeddings], true), "tokens");
            var width = hidden.Length / batch.Ids.Length;
            var expected = new float[batch.Texts * width];
            for (var text = 0; text < batch.Texts; text++)
            {
                var tokens = (int)batch.Mask.Skip(text * batch.Length).Take(batch.Length).Sum();
                var vector = expected.AsSpan(text * width, width);
                TokenPooling.Apply(pooling, hidden.AsSpan(text * batch.Length * width, tokens * width), 0, vector);
                if (normalize) TokenPooling.Normalize(vector);
            }

            ModelBatch.Near(expected, theirs[OnnxExport.SentenceEmbedding], $"{pooling}, {normalize}");
        }

        // The same encoder is read back; how it is pooled is for modules.json to say.
        using var read = ModelFolder.Open(model.File("onnx/model.onnx"));
        Assert.Equal(model.Folder.Configuration.ModelType, read.Configuration.ModelType);
    }
}
