// Fine-tunes the sentence encoder in the box on texts of one's own, in this process, and uses the result.
using SqueezeBert;
using SqueezeBert.Models;
using SqueezeBert.Training;

var folder = Directory.CreateTempSubdirectory("squeezebert-sample-").FullName;
try
{
    var data = Path.Combine(folder, "tickets.csv");
    File.WriteAllLines(data, ["text,label", .. Tickets()]);
    var recipe = new Recipe
    {
        From = EmbeddingModels.English,
        Output = Path.Combine(folder, "tickets"),
        Stages =
        [
            new StageRecipe
            {
                Name = "tickets",
                Task = TrainingTasks.SingleLabel,
                Data = [new DataSource { File = data }],
                Labels = [("billing", "billing"), ("technical", "technical")],
                Epochs = 4,
                BatchSize = 16,
                LearningRate = 5e-4,
            },
        ],
    };

    var result = Trainer.Run(recipe, progress: new Progress<TrainingProgress>(now =>
    {
        if (now.Event == TrainingEvent.Evaluation)
            Console.WriteLine($"step {now.Step}: {now.Evaluation?.Accuracy:P0} of the held-out tickets are right");
    }));

    using var classifier = TextClassifier.Load(result.Output);
    Console.WriteLine(classifier.Classify("I was charged twice for the same invoice."));
    Console.WriteLine(classifier.Classify("The program crashes when I open the settings."));
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static IEnumerable<string> Tickets()
{
    string[] billing = ["the invoice", "my refund", "the monthly charge", "a double payment", "the price of my plan", "the receipt"];
    string[] technical = ["a crash at start", "the login error", "a frozen screen", "the slow upload", "a broken link",
        "the missing button"];
    string[] frames = ["Please help me with {0}.", "I have a question about {0}", "There is a problem with {0} again", "What about {0}?",
        "I am writing because of {0}."];
    foreach (var frame in frames)
    {
        foreach (var subject in billing) yield return $"{string.Format(frame, subject)},billing";
        foreach (var subject in technical) yield return $"{string.Format(frame, subject)},technical";
    }
}
