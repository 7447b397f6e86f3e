using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Inference;

public class ModelLoaderTests
{
    public static TheoryData<string> Models => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [InlineData("SqueezeBertModel", "None")]
    [InlineData("BertForMaskedLM", "MaskedLanguageModel")]
    [InlineData("DistilBertForSequenceClassification", "SequenceClassification")]
    [InlineData("MobileBertForTokenClassification", "TokenClassification")]
    [InlineData("SqueezeBertForQuestionAnswering", "QuestionAnswering")]
    [InlineData("SqueezeBertSeparableForMultipleChoice", "MultipleChoice")]
    [InlineData("BertForNextSentencePrediction", "NextSentencePrediction")]
    [InlineData("TinyBertForPreTraining", "Pretraining")]
    public void TheClassNameSaysTheHead(string name, string head) =>
        Assert.Equal(Enum.Parse<ModelHead>(head), ModelGraph.HeadOf(new BertConfiguration { Architectures = [name] }));

    [Fact]
    public void AConfigurationWithoutAClassNameIsAnEncoders() =>
        Assert.Equal(ModelHead.None, ModelGraph.HeadOf(new BertConfiguration()));

    [Theory]
    [InlineData("BertLMHeadModel")]
    [InlineData("BertForEntityLinking")]
    public void AHeadThatIsNotSupportedIsNamedWithThoseThatAre(string name)
    {
        var message =
            Assert.Throws<UnsupportedModelException>(() => ModelGraph.HeadOf(new BertConfiguration { Architectures = [name] })).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains("ForTokenClassification, ForQuestionAnswering", message, StringComparison.Ordinal);
    }

    /// <summary>An encoder needs no pooler: classes that read tokens save none.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void ACheckpointWithAHeadIsAnEncoderToo(string name)
    {
        using var golden = new GoldenModel(name);
        using var whole = golden.Load();
        using var encoder = ModelLoader.Load(golden.Folder, ModelHead.None);
        var hasPooler = golden.Folder.Tensors.Names.Any(tensor => tensor.Contains("pooler.", StringComparison.Ordinal));
        Assert.Equal(hasPooler, encoder.OutputNames.Contains(OutputNames.PoolerOutput));
        Assert.DoesNotContain(OutputNames.Logits, encoder.OutputNames);
        var batch = golden.Batch(Enumerable.Range(0, golden.TextCount));
        using var first = whole.CreateSession(OutputNames.LastHiddenState);
        using var second = encoder.CreateSession(OutputNames.LastHiddenState);
        first.Run(batch);
        second.Run(batch);
        Assert.Equal(first.GetOutput(OutputNames.LastHiddenState), second.GetOutput(OutputNames.LastHiddenState));
    }

    [Theory]
    [InlineData("bert-encoder", "TokenClassification", "classifier.weight",
        "is missing, as is classifier.bias: the checkpoint (BertModel) has no head for token classification; train it for that, or load " +
            "one that was")]
    [InlineData("squeezebert-encoder", "QuestionAnswering", "qa_outputs.weight",
        "is missing, as is qa_outputs.bias: the checkpoint (SqueezeBertModel) has no head for question answering")]
    [InlineData("bert-token-classification", "QuestionAnswering", "qa_outputs.weight",
        "the checkpoint (BertForTokenClassification) has no head for question answering")]
    [InlineData("mobilebert-encoder", "MaskedLanguageModel", "cls.predictions.transform.dense.weight",
        "are cls.predictions.transform.dense.bias, cls.predictions.transform.LayerNorm.weight, ")]
    public void AHeadThatTheCheckpointLacksIsAnErrorThatNamesItsTensors(string name, string head, string item, string reason)
    {
        using var folder = ModelFolder.Open(GoldenModels.Folder(name));
        var error = Assert.Throws<InvalidModelFileException>(() => ModelLoader.Load(folder, Enum.Parse<ModelHead>(head)));
        Assert.Equal(item, error.Item);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATensorOfTheEncoderThatIsMissingIsNotBlamedOnTheHead()
    {
        using var whole = ModelFolder.Open(GoldenModels.Folder("bert-token-classification"));
        using var folder = new TemporaryFolder();
        const string Missing = "bert.encoder.layer.1.intermediate.dense.bias";
        ModelFolder.Save(folder.Path, whole.Configuration,
            whole.Tensors.Names.Where(tensor => tensor != Missing && tensor != "classifier.bias").Select(tensor =>
        {
            Assert.True(whole.Tensors.TryGetTensor(tensor, out var info));
            var data = new float[info.ElementCount];
            whole.Tensors.ReadFloats(tensor, data);
            return new NamedTensor(tensor, info.Shape, data);
        }));
        using var damaged = ModelFolder.Open(folder.Path);
        var error = Assert.Throws<InvalidModelFileException>(() => ModelLoader.Load(damaged));
        Assert.Equal(Missing, error.Item);
        Assert.Contains("as are classifier.bias; the file does not hold the model that config.json describes", error.Message,
            StringComparison.Ordinal);
    }

    /// <summary>The reference's pretraining class holds a masked language model and a next sentence head.</summary>
    [Theory]
    [InlineData("MaskedLanguageModel", "prediction_logits")]
    [InlineData("NextSentencePrediction", "seq_relationship_logits")]
    public void APretrainingCheckpointServesEachOfItsParts(string head, string expected)
    {
        using var golden = new GoldenModel("bert-pretraining");
        using var part = ModelLoader.Load(golden.Folder, Enum.Parse<ModelHead>(head), languageModelRows: RowSet.Tokens);
        using var whole = golden.Load();
        var batch = golden.Batch(0, 1, 2, 3);
        using var first = part.CreateSession(OutputNames.Logits);
        using var second = whole.CreateSession(expected);
        first.Run(batch);
        second.Run(batch);
        Assert.Equal(second.GetOutput(expected), first.GetOutput(OutputNames.Logits));
    }
}
