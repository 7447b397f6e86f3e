using System.IO.Compression;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tests;

/// <summary>Each kind of evaluation, over tiny models: the figures are those of the library's answers.</summary>
public sealed class EvaluateTaskTests
{
    private const string Choices = "start,one,two,right\nthe film was,good,bad,0\nvery,bad,the film,the film\n";

    [Fact]
    public void EntitiesAreThoseOfTheModelsTokens()
    {
        using var tool = ToolWithEntities();
        string[][] sentences = [["the", "film", "was", "good"], ["very", "bad"]];
        var file = tool.Write("dev.txt", string.Concat(
            sentences.Select(words => string.Concat(words.Select((word, i) => $"{word} NN {(i == 0 ? "B" : "I")}-PER\n")) + "\n")));
        var lines = Json(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--json"));
        Assert.Equal((2, 6, 0), ((int)lines[0]["examples"]!, (int)lines[0]["words"]!, (int)lines[0]["truncated"]!));
        using var model = InferenceModel.Load(tool.Model);
        var expected = TaggingEvaluation.Evaluate(model, [ConllReader.Read(file)]).All.Report;
        foreach (var (name, value) in expected.Figures()) Assert.Equal(value, (double)lines[0][name]!);

        var byLetter = tool.Write("more.txt", "word x\n\ngood y\n");
        Assert.Contains($"{byLetter}:1: the model has no label 'x'",
            TestTool.Fails(1, "evaluate", "--model", tool.Model, "--data", byLetter), StringComparison.Ordinal);
        Assert.Contains("--text is the number of a column",
            TestTool.Fails(2, "evaluate", "--model", tool.Model, "--data", file, "--text", "word"), StringComparison.Ordinal);
    }

    [Fact]
    public void ATagThatStrictBioDoesNotKnowIsToldWithItsLine()
    {
        using var tool = new TestTool();
        var model = Path.Combine(tool.Folder, "tagger");
        TestTool.Run("new", "bert", model, "hidden_size=16", "num_attention_heads=2", "intermediate_size=32", "num_hidden_layers=1",
            "vocab_size=300", "id2label={\"0\":\"O\",\"1\":\"B-PER\",\"2\":\"I-PER\"}", "--head", "token-classification").Succeeds();
        var file = tool.Write("dev.txt", "the B-PER\nfilm S-PER\n");
        TestTool.Run("evaluate", "--model", model, "--data", file).Succeeds();
        Assert.Contains($"{file}:2: 'S-PER' is no tag of strict BIO",
            TestTool.Fails(1, "evaluate", "--model", model, "--data", file, "--strict"), StringComparison.Ordinal);
    }

    [Fact]
    public void AWordHasTheLabelOfItsFirstToken()
    {
        using var tool = new TestTool("squeezebert-token-classification");
        using var tagger = TokenClassifier.Load(
            tool.Model, new TokenClassifierOptions { Aggregation = EntityAggregation.None, IgnoredLabels = [] });
        string[] words = ["the-film", "was", "very", "good."];
        var text = string.Join(' ', words);
        var tokens = tagger.Classify(text).Entities;
        string[] tags = [.. words.Select(word => tokens.First(token => token.Start == text.IndexOf(word, StringComparison.Ordinal)).Label)];
        var file = tool.Write("dev.txt", string.Concat(words.Zip(tags, (word, tag) => $"{word} {tag}\n")));
        using var model = InferenceModel.Load(tool.Model);
        var report = TaggingEvaluation.Evaluate(model, [ConllReader.Read(file)]).All.Report;
        Assert.Equal(1, report.Figures().Single(figure => figure.Name == "accuracy").Value);
    }

    /// <summary>The tags are those of the pipeline with the same option, so against its own entities it makes no mistake.</summary>
    [Fact]
    public void TagsThatAreChosenTogetherAreThoseOfThePipeline()
    {
        using var tool = ToolWithEntities();
        string[] words = ["the", "film", "was", "very", "goodness", "bad", "the", "unfilmed", "good", "was", "film"];
        var text = string.Join(' ', words);
        using var tagger = TokenClassifier.Load(
            tool.Model, new TokenClassifierOptions { Aggregation = EntityAggregation.First, ForbidImpossibleTags = true });
        var entities = tagger.Classify(text).Entities;
        var starts = words.Select((_, i) => words[..i].Sum(word => word.Length + 1)).ToArray();
        string[] tags = [.. starts.Select(start => entities.Where(entity => entity.Start <= start && start < entity.End)
            .Select(entity => (entity.Start == start ? "B-" : "I-") + entity.Label).FirstOrDefault("O"))];
        var file = tool.Write("dev.txt", string.Concat(words.Zip(tags, (word, tag) => $"{word} {tag}\n")));
        string[] arguments = ["evaluate", "--model", tool.Model, "--data", file, "--json"];
        Assert.Equal(1, (double)Json(TestTool.Run([.. arguments, "--forbid-impossible-tags"]))[0]["accuracy"]!);
        Assert.InRange((double)Json(TestTool.Run(arguments))[0]["accuracy"]!, 0, 0.95);
        Assert.Contains("--forbid-impossible-tags", TestTool.Fails(
            2, [.. arguments, "--forbid-impossible-tags", "--task", "classification"]), StringComparison.Ordinal);
    }

    /// <summary>What is cut off has no tag and is no part of the sequence.</summary>
    [Fact]
    public void WordsThatAreNotReadHaveNoTag()
    {
        using var tool = ToolWithEntities();
        using var model = InferenceModel.Load(tool.Model);
        TaggedSet set = new("set", [new TaggedSentence(["good", "film", "good", "film"], ["O", "O", "O", "O"], 1)]);
        var options = new TaggingEvaluationOptions
        {
            ForbidImpossibleTags = true,
            Reading = new ReadingOptions { MaxLength = 3, LongText = LongText.Truncate },
        };
        var result = TaggingEvaluation.Evaluate(model, [set], options, null, TestContext.Current.CancellationToken);
        Assert.Equal(1, result.All.Truncated);
        Assert.InRange(result.All.Report.Figures().Single(figure => figure.Name == "accuracy").Value, 0.75, 1);
    }

    /// <summary>A word of which nothing is left has no token, so it does not take the tag of the next word.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWordWithoutTokensHasNoTag(bool forbidImpossibleTags)
    {
        using var tool = ToolWithEntities();
        using var model = InferenceModel.Load(tool.Model);
        var options = new TaggingEvaluationOptions { ForbidImpossibleTags = forbidImpossibleTags };
        double Accuracy(string tag)
        {
            TaggedSet set = new("set", [new TaggedSentence(["\u0001", "film"], [tag, tag], 1)]);
            return TaggingEvaluation.Evaluate(model, [set], options, null, TestContext.Current.CancellationToken)
                .All.Report.Figures().Single(figure => figure.Name == "accuracy").Value;
        }

        // Of all tags, the model gives "film" one that is not O, and the other word has none.
        Assert.Equal(0.5, Accuracy("O"));
        Assert.DoesNotContain(1, model.Configuration.Labels.Select(Accuracy));
    }

    [Fact]
    public void AnswersAreScoredAndWritten()
    {
        using var tool = new TestTool("squeezebert-question-answering");
        const string Context = "the film was very good";
        using var answerer = QuestionAnswerer.Load(tool.Model, new QuestionAnswererOptions { AllowNoAnswer = true });
        var answer = answerer.Answer("was it good?", Context);
        var file = tool.Write("dev.json", $$"""
            {"version":"v2.0","data":[{"paragraphs":[{"context":"{{Context}}","qas":[
              {"id":"a","question":"was it good?","answers":[{"text":"{{answer.Answers[0].Text}}","answer_start":0}]},
              {"id":"b","question":"why?","answers":[]}]}]}]}
            """);
        var folder = Path.Combine(tool.Folder, "predicted");
        var json = Json(TestTool.Run(
            "evaluate", "--model", tool.Model, "--data", file, "--json", "--threshold", "1000", "--predictions", folder))[0];
        Assert.Equal(2, (int)json["examples"]!);
        Assert.Equal((1, 0), ((double)json["HasAns_exact"]!, (double)json["NoAns_exact"]!));
        Assert.Equal(1, (double)Json(TestTool.Run(
            "evaluate", "--model", tool.Model, "--data", file, "--json", "--threshold", "-1000"))[0]["NoAns_exact"]!);
        var predictions = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "predictions.json")))!;
        Assert.Equal(answer.Answers[0].Text, (string)predictions["a"]!);
        var odds = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "null_odds.json")))!;
        Assert.Equal(answer.NoAnswerMargin, (float)odds["a"]!);
        var best = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "nbest_predictions.json")))!["a"]!.AsArray();
        Assert.Equal(answer.Answers.Count + 1, best.Count);
        Assert.Equal(1, best.Sum(one => (double)one!["probability"]!), 1e-5);
        var baseline = Json(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--json", "--baseline"));
        Assert.Equal([tool.Model, "nearest sentence"], baseline.Select(one => (string)one["model"]!));
        Assert.Equal(SquadMetrics.F1(Context, answer.Answers[0].Text, SquadVersion.V2), (double)baseline[1]["HasAns_f1"]!, 1e-12);
        Assert.Contains("--baseline takes no file with answering", TestTool.Fails(
            2, "evaluate", "--model", tool.Model, "--data", file, "--baseline", file), StringComparison.Ordinal);
        Assert.Contains("give a folder for the predictions", TestTool.Fails(
            2, "evaluate", "--model", tool.Model, "--data", file, "--predictions", file), StringComparison.Ordinal);
    }

    [Fact]
    public void ChoicesAreCounted()
    {
        using var tool = new TestTool("squeezebert-multiple-choice");
        using var selector = ChoiceSelector.Load(tool.Model);
        var right = (selector.Choose("the film was", ["good", "bad"]).Best.Index == 0 ? 1 : 0)
            + (selector.Choose("very", ["bad", "the film"]).Best.Index == 1 ? 1 : 0);
        string[] arguments = ["evaluate", "--model", tool.Model, "--text", "start", "--label", "right", "--json"];
        var file = tool.Write("dev.csv", Choices);
        var json = Json(TestTool.Run([.. arguments, "--data", file, "--choice", "one", "--choice", "two"]))[0];
        Assert.Equal((right / 2.0, 0.5), ((double)json["accuracy"]!, (double)json["chance"]!));
        Assert.Contains("choosing needs the columns", TestTool.Fails(2, [.. arguments, "--data", file]), StringComparison.Ordinal);
        var bad = tool.Write("bad.csv", "start,one,two,right\na,b,c,2\n");
        Assert.Contains("bad.csv:2: '2' is none of the 2 choices",
            TestTool.Fails(1, [.. arguments, "--data", bad, "--choice", "one", "--choice", "two"]), StringComparison.Ordinal);
    }

    [Fact]
    public void DocumentsAreFoundByVectorsAndByWords()
    {
        using var tool = new TestTool("squeezebert-encoder");
        var folder = WriteCorpus(tool, "1\td1\t2\n1\td2\t0\n2\td3\t1\n");
        var lines = Json(TestTool.Run(
            "evaluate", "--task", "retrieval", "--model", tool.Model, "--data", folder, "--baseline", "--json"));
        Assert.Equal([tool.Model, "BM25"], lines.Select(line => (string)line["model"]!));
        Assert.Equal((2, 1.0), ((int)lines[1]["examples"]!, (double)lines[1]["ndcg_at_10"]!));
        using var embedder = TextEmbedder.Load(tool.Model);
        var expected = RetrievalEvaluation.Evaluate(embedder, RetrievalReader.Read(folder)).Report;
        foreach (var (name, value) in expected.Figures()) Assert.Equal(value, (double)lines[0][name]!);
        Assert.Equal(1, (double)lines[0]["recall_at_10"]!);

        WriteCorpus(tool, "1\td1\tmuch\n");
        Assert.Contains("test.tsv:2: 'much' is not a number", TestTool.Fails(
            1, "evaluate", "--task", "retrieval", "--model", tool.Model, "--data", folder), StringComparison.Ordinal);
        WriteCorpus(tool, "7\td1\t1\n");
        Assert.Contains("there is no query '7'", TestTool.Fails(
            1, "evaluate", "--task", "retrieval", "--model", tool.Model, "--data", folder), StringComparison.Ordinal);
    }

    /// <summary>It has the query's own vector, so that nothing else could come first.</summary>
    [Fact]
    public void ADocumentWithTheIdOfTheQueryIsNotFoundByVectorsEither()
    {
        using var tool = new TestTool("squeezebert-encoder");
        WriteCorpus(tool, "2\td2\t1\n");
        tool.Write("corpus.jsonl", "{\"_id\":\"2\",\"text\":\"was the\"}\n{\"_id\":\"d2\",\"text\":\"very bad\"}\n");
        var figures = Json(TestTool.Run(
            "evaluate", "--task", "retrieval", "--model", tool.Model, "--data", tool.Folder, "--json"))[0];
        Assert.Equal((1, 1), ((double)figures["ndcg_at_10"]!, (double)figures["mrr_at_10"]!));
    }

    [Fact]
    public void QueriesMayHaveAModelOfTheirOwn()
    {
        using var tool = new TestTool("squeezebert-encoder");
        using var other = new TestTool("bert-encoder");
        var folder = WriteCorpus(tool, "1\td1\t1\n2\td3\t1\n3\td2\t1\n");
        string[] arguments = ["evaluate", "--task", "retrieval", "--model", tool.Model, "--data", folder];
        var told = Json(TestTool.Run([.. arguments, "--json", "--query-model", other.Model]))[0];
        using var documents = TextEmbedder.Load(tool.Model);
        using var queries = TextEmbedder.Load(other.Model);
        var vectors = documents.Embed(["good film", "very bad", "was the"]);
        var first = 0;
        foreach (var (query, right) in new[] { ("good film", 0), ("was the", 2), ("x", 1) })
        {
            var asked = queries.Embed(query).Vector;
            var cosines = vectors.Select(document => VectorSimilarity.Cosine(document.Vector.Span, asked.Span)).ToList();
            if (cosines.IndexOf(cosines.Max()) == right) first++;
        }

        Assert.Equal(first / 3.0, (double)told["recall_at_1"]!, 1e-12);

        using var narrow = new TestTool("mobilebert-encoder");
        Assert.Contains("--query-model makes 64 numbers of a text and --model 48",
            TestTool.Fails(2, [.. arguments, "--query-model", narrow.Model]), StringComparison.Ordinal);
        using var loaded = TextEmbedder.Load(narrow.Model);
        Assert.Throws<ArgumentException>(
            () => RetrievalEvaluation.Evaluate(documents, RetrievalReader.Read(folder), queryEmbedder: loaded));
    }

    [Fact]
    public void AGlueTaskHasItsScoreItsBaselineAndItsSubmission()
    {
        using var tool = new TestTool();
        const string Header = "index\tsentence1\tsentence2\tgold_label\n";
        tool.Write("train.tsv", Header + "0\tgood\tbad\tneutral\n1\tvery good\tbad\tentailment\n2\tthe\tfilm\tcontradiction\n");
        tool.Write("dev_matched.tsv", Header + "0\tgood\tbad\tneutral\n1\tthe\tfilm\t-\n");
        tool.Write("dev_mismatched.tsv", Header + "0\tthe\tfilm\tcontradiction\n1\tgood\tbad\tneutral\n");
        tool.Write("test_matched.tsv", "index\tsentence1\tsentence2\n0\tgood\tbad\n");
        tool.Write("test_mismatched.tsv", "index\tsentence1\tsentence2\n0\tthe\tfilm\n1\tgood\tbad\n");
        var zip = Path.Combine(tool.Folder, "submission.zip");
        string[] arguments = ["evaluate", "--model", tool.Model, "--glue", "mnli", tool.Folder];
        Assert.Contains("Say which is which: --labels contradiction=NAME", TestTool.Fails(2, arguments), StringComparison.Ordinal);
        string[] labels = ["--labels", "contradiction=LABEL_2,entailment=LABEL_0,neutral=LABEL_1"];
        var run = TestTool.Run([.. arguments, .. labels, "--baseline", "--submission", zip, "--json"]);
        Assert.Contains("left out 1 broken or unlabelled rows, the first on line 3", run.Error, StringComparison.Ordinal);
        Assert.Contains("the leaderboard also wants CoLA", run.Error, StringComparison.Ordinal);
        var lines = run.Lines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([1, 2, 3, 1, 2, 3], lines.Select(line => (int)line["examples"]!));
        Assert.All(lines, line => Assert.Equal((double)line["accuracy"]!, (double)line["score"]!));
        Assert.Equal(["linear", "linear", "linear"], lines.Skip(3).Select(line => (string)line["model"]!));
        using var classifier = TextClassifier.Load(tool.Model);
        string[] names = ["entailment", "neutral", "contradiction"];
        var predicted = names[int.Parse(classifier.Classify("good", "bad").Label[^1..], null)];
        using var archive = ZipFile.OpenRead(zip);
        using var reader = new StreamReader(archive.GetEntry("MNLI-m.tsv")!.Open());
        Assert.Equal($"index\tprediction\n0\t{predicted}\n", reader.ReadToEnd());
    }

    [Fact]
    public void ATemperatureIsFittedSavedAndUsed()
    {
        using var tool = new TestTool();
        using var before = TextClassifier.Load(tool.Model);
        string[] texts = ["good", "bad film", "the film was very good", "very bad", "was the film good?", "film", "good film", "bad"];
        var labels = texts.Select((text, i) => i is 2 or 5 ? "LABEL_2" : before.Classify(text).Label);
        var file = tool.Write("dev.csv", "text,label\n" + string.Concat(texts.Zip(labels, (text, label) => $"{text},{label}\n")));
        string[] arguments = ["evaluate", "--model", tool.Model, "--data", file, "--calibrate", "--json"];
        var calibration = Json(TestTool.Run([.. arguments, "--save-temperature"]))[1]["calibration"]!;
        var temperature = (double)calibration["temperature"]!;
        Assert.Equal(temperature, ModelConfiguration.Load(tool.Model).CalibrationTemperature!.Value, 1e-12);
        using var after = TextClassifier.Load(tool.Model);
        foreach (var text in texts)
        {
            var (cold, warm) = (before.Classify(text).Labels, after.Classify(text).Labels);
            Assert.Equal(cold.Select(label => label.Label), warm.Select(label => label.Label));
            var powers = cold.Select(label => Math.Pow(label.Score, 1 / temperature)).ToList();
            for (var i = 0; i < powers.Count; i++) Assert.Equal(powers[i] / powers.Sum(), warm[i].Score, 1e-5);
        }

        // A fit to calibrated scores finds nothing to do.
        Assert.Equal(1, (double)Json(TestTool.Run(arguments))[1]["calibration"]!["temperature"]!, 1e-4);
        Assert.Contains("--windows", TestTool.Fails(2, [.. arguments, "--windows"]), StringComparison.Ordinal);
    }

    [Fact]
    public void TextsOutOfScopeAreTold()
    {
        using var tool = new TestTool();
        var file = tool.Write("dev.csv", "text,label\ngood,0\nbad,1\nvery good film,2\nthe film,0\n");
        var outside = tool.Write("outside.csv", "text\nwas was was\nvery very\n");
        string[] arguments = ["evaluate", "--model", tool.Model, "--data", file, "--out-of-scope", outside, "--json"];
        var plain = Json(TestTool.Run(arguments))[1];
        Assert.Equal((4, 2, 0.05), ((int)plain["in_scope"]!, (int)plain["out_of_scope"]!, (double)plain["false_refusals"]!));
        Assert.InRange((double)plain["softmax_auroc"]!, 0, 1);
        Assert.Null(plain["mahalanobis_auroc"]);
        var all = Json(TestTool.Run([.. arguments, "--baseline", file, "--false-refusals", "0.25"]));
        Assert.Equal(3, all.Count);
        Assert.Equal((double)plain["softmax_auroc"]!, (double)all[2]["softmax_auroc"]!);
        Assert.InRange((double)all[2]["mahalanobis_auroc"]!, 0, 1);
    }

    [Fact]
    public void TheLabelOfARefusalDoesNotCount()
    {
        using var tool = new TestTool();
        using var classifier = TextClassifier.Load(tool.Model);
        string[] texts = ["good", "bad", "very good film", "the film"];
        var outside = tool.Write("outside.csv", "text\nwas was was\nvery very\n");
        var file = "";
        foreach (var refusal in classifier.Labels)
        {
            var other = classifier.Labels.First(label => label != refusal);
            file = tool.Write("dev.csv", "text,label\n" + string.Concat(texts.Select(text => $"{text},{other}\n")));
            var told = Json(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--out-of-scope", outside, "--json",
                "--refusal", refusal))[1];
            double Unsureness(string text) =>
                1.0 - classifier.Classify(text).Labels.Where(label => label.Label != refusal).Max(label => label.Score);
            Assert.Equal(OutOfScopeMetrics.Auroc([.. texts.Select(Unsureness)], [Unsureness("was was was"), Unsureness("very very")]),
                (double)told["softmax_auroc"]!, 1e-12);
            Assert.Equal(OutOfScopeMetrics.Recall([.. texts.Select(Unsureness)], [Unsureness("was was was"), Unsureness("very very")],
                0.05, out var threshold), (double)told["softmax_recall"]!, 1e-12);
            Assert.Equal(threshold, (double)told["softmax_threshold"]!, 1e-6);
        }

        // Rows of the label itself are out of scope, in the data as in the training set.
        var mixed = tool.Write("mixed.csv", File.ReadAllText(file) + "was the film,2\nbad was,2\n");
        var training = "text,label\nthe bad film,0\ngood film,0\nwas good,1\nwas bad,1\n";
        var clean = tool.Write("clean.csv", training);
        var dirty = tool.Write("dirty.csv", training + "very the,2\nvery was,2\n");
        string[] line =
            ["evaluate", "--model", tool.Model, "--out-of-scope", outside, "--json", "--refusal", classifier.Labels[2], "--data"];
        Assert.Equal(
            Json(TestTool.Run([.. line, file, "--baseline", clean]))[^1].ToJsonString(),
            Json(TestTool.Run([.. line, mixed, "--baseline", dirty]))[^1].ToJsonString());

        var refused = TestTool.Fails(
            2, "evaluate", "--model", tool.Model, "--data", file, "--out-of-scope", outside, "--refusal", "none");
        Assert.Contains("--refusal: the model has no label 'none'", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void TextsThatAreAnsweredAreCounted()
    {
        using var tool = new TestTool();
        using var classifier = TextClassifier.Load(tool.Model);
        string[] texts = ["good", "bad", "very good film", "the film", "was was was", "very very"];
        var answers = texts.Select(text => classifier.Classify(text)).ToList();
        var rowsOfFile = texts.Select((text, i) => $"{text},{i % classifier.Labels.Count}\n");
        var file = tool.Write("dev.csv", "text,label\n" + string.Concat(rowsOfFile));
        foreach (var refusal in classifier.Labels)
        {
            var rows = answers.Select((answer, i) => (answer, label: classifier.Labels[i % classifier.Labels.Count]))
                .Where(row => row.label != refusal).ToList();
            var told = Json(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--json", "--refusal", refusal))[1];
            var answered = rows.Where(row => row.answer.Label != refusal).ToList();
            Assert.Equal(rows.Count, (int)told["examples"]!);
            Assert.Equal((double)answered.Count / rows.Count, (double)told["coverage"]!);
            Assert.Equal(answered.Count == 0 ? null : (double)answered.Count(row => row.answer.Label == row.label) / answered.Count,
                (double?)told["answered_accuracy"]);
            var forced = rows.Count(row => row.answer.Labels.First(label => label.Label != refusal).Label == row.label);
            Assert.Equal((double)forced / rows.Count, (double)told["forced_accuracy"]!);
        }
    }

    [Fact]
    public void AModelThatIsNotThereIsToldBeforeItsOptions()
    {
        using var tool = new TestTool();
        var file = tool.Write("dev.json", "{}");
        Assert.Contains("no such file or folder", TestTool.Fails(
            1, "evaluate", "--model", Path.Combine(tool.Folder, "none"), "--data", file, "--threshold", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--strict is for tagging", "--strict")]
    [InlineData("--predictions is for answering", "--predictions", "x")]
    [InlineData("--split is for --glue", "--split", "dev")]
    [InlineData("--head is for classification, tagging and answering", "--task", "retrieval", "--head", "x")]
    [InlineData("--head is for classification, tagging and answering", "--task", "choosing", "--head", "x")]
    [InlineData("--save-temperature needs --calibrate", "--save-temperature")]
    [InlineData("--false-refusals needs --out-of-scope", "--false-refusals", "0.1")]
    [InlineData("--refusal: the model has no label 'x'", "--refusal", "x")]
    [InlineData("--query-model is for --task retrieval", "--query-model", "x")]
    [InlineData("--baseline needs the training files", "--baseline")]
    public void WhatATaskDoesNotLookAtIsTold(string reason, params string[] arguments)
    {
        using var tool = new TestTool();
        var file = tool.Write("dev.csv", "text,label\ngood,0\n");
        Assert.Contains(reason, TestTool.Fails(2, ["evaluate", "--model", tool.Model, "--data", file, .. arguments]),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AX has no training set", "AX", "--baseline")]
    [InlineData("AX has no training set", "AX", "--split", "train")]
    public void GlueRefusesWhatATaskDoesNotHave(string reason, string task, params string[] arguments)
    {
        using var tool = new TestTool();
        Assert.Contains(reason, TestTool.Fails(2, ["evaluate", "--model", tool.Model, "--glue", task, tool.Folder, .. arguments]),
            StringComparison.Ordinal);
    }

    /// <summary>A tool over a tagger with the tags of CoNLL-2003.</summary>
    private static TestTool ToolWithEntities()
    {
        var tool = new TestTool("squeezebert-token-classification");
        var configuration = ModelConfiguration.Load(tool.Model);
        string[] labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-MISC", "I-MISC"];
        (configuration with { Labels = labels[..configuration.Labels.Count] }).Save(tool.Model);
        return tool;
    }

    private static List<JsonNode> Json(ToolRun run)
    {
        Assert.Equal((0, ""), (run.Code, run.Error));
        return [.. run.Lines.Select(line => JsonNode.Parse(line)!)];
    }

    private static string WriteCorpus(TestTool tool, string judgements)
    {
        tool.Write("corpus.jsonl", """
            {"_id":"d1","title":"good","text":"film"}
            {"_id":"d2","text":"very bad"}
            {"_id":"d3","title":"","text":"was the"}

            """);
        tool.Write("queries.jsonl",
            "{\"_id\":\"1\",\"text\":\"good film\"}\n{\"_id\":\"2\",\"text\":\"was the\"}\n{\"_id\":\"3\",\"text\":\"x\"}\n");
        Directory.CreateDirectory(Path.Combine(tool.Folder, "qrels"));
        tool.Write("qrels/test.tsv", $"query-id\tcorpus-id\tscore\n{judgements}");
        return tool.Folder;
    }
}
