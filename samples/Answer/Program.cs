// Answers from a document, which is read in windows where it is long, and where they stand in it.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForQuestionAnswering");
using var answerer = QuestionAnswerer.Load(model.Path);

const string Document = "The Danube rises in the Black Forest, flows through ten countries and ends in the Black Sea.";
QuestionAnswer answer = answerer.Answer("Where does the Danube end?", Document);
foreach (var one in answer.Answers.Take(3))
    Console.WriteLine($"answer: '{one.Text}' {one.Probability:0.00}, characters {one.Start} to {one.End}");
Console.WriteLine($"windows: {answer.Read.WindowCount}");
