// Which of several sentences goes on best.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForMultipleChoice");
using var selector = ChoiceSelector.Load(model.Path);

Choice choice = selector.Choose("She opened the oven and", ["took out the bread.", "flew away.", "read the newspaper."]);
foreach (var one in choice.Choices) Console.WriteLine($"choice {one.Index}: {one.Score:0.00} {one.Text}");
